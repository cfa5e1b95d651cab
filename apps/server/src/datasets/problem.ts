/** The file is not a table that can be read without guessing; the message names the line or the column. */
export class TableProblem extends Error {}
