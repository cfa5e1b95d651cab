import type { Command } from 'commander';
import { type Connection, connectWith, findCredential } from './connection.ts';
import { styleOf, type Terminal } from './terminal.ts';
import type { Style } from './text/style.ts';

/** What a command works with. */
export type Context = {
  terminal: Terminal;
  /** Of standard output. */
  style: Style;
  /** Reads the credential at each call. @throws Failure where there is none */
  connect: () => Connection;
  /** Ends the process with this code when the command is through. */
  exitWith: (code: number) => void;
};

export type GlobalOptions = { url?: string; apiKey?: string };

export function createContext(program: Command, terminal: Terminal, exitWith: (code: number) => void): Context {
  return {
    terminal,
    style: styleOf(terminal.stdout, terminal.env),
    connect: () => connectWith(findCredential(program.opts<GlobalOptions>(), terminal)),
    exitWith,
  };
}
