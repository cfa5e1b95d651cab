/** What the person who started the stack reads. */

export interface Terminal {
  /** Prints a line, or keeps it while something else has the terminal. */
  say: (line: string) => void;
  /** Keeps lines back, so that they do not cut through a progress bar, until the returned function is called. */
  hold: () => () => void;
}

/** Lines on standard output; only a real terminal shows progress bars, so elsewhere nothing is kept back. */
export function openTerminal(): Terminal {
  const print = (line: string) => console.log(line);
  let held: string[] | null = null;
  return {
    say: (line) => {
      if (held) held.push(line);
      else print(line);
    },
    hold: () => {
      if (process.stdout.isTTY) held = [];
      return () => {
        for (const line of held ?? []) print(line);
        held = null;
      };
    },
  };
}
