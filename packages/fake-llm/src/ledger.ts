/**
 * What was asked and what was answered. With a file, every call is a line on the disk before anything is done about it, and
 * its answer another one before the answer is sent; calls of the same moment share one fsync.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

export type LedgerCounts = {
  calls: number;
  /** Answers that were sent whole. */
  answered: number;
  in_flight: number;
  max_in_flight: number;
};

export type LedgerContent = LedgerCounts & {
  /** Calls by SHA-256 of the prompt, the last user message. */
  prompts: Record<string, number>;
  /** Whole answers, likewise. */
  answers: Record<string, number>;
};

export type Call = { number: number; prompt: string; made_before: number };

type Line = { call: number; at: number } & (
  | { prompt: string; stream: boolean }
  | { status: number; answered: boolean }
);

export class Ledger {
  readonly #counts: LedgerCounts = { calls: 0, answered: 0, in_flight: 0, max_in_flight: 0 };
  readonly #prompts = new Map<string, { calls: number; answers: number }>();
  readonly #file: FileHandle | null;
  #waiting: { line: string; written: () => void; failed: (error: unknown) => void }[] = [];
  #writing = false;

  private constructor(file: FileHandle | null) {
    this.#file = file;
  }

  /** Of a file, which is read first where it is there already; null: in memory alone. */
  static async open(path: string | null): Promise<Ledger> {
    const ledger = new Ledger(path === null ? null : await open(path, 'a'));
    if (path !== null && existsSync(path)) ledger.#read(readFileSync(path, 'utf8'));
    return ledger;
  }

  async arrived(prompt: string, stream: boolean): Promise<Call> {
    const hash = hashOf(prompt);
    const of = this.#prompts.get(hash) ?? { calls: 0, answers: 0 };
    const call = { number: ++this.#counts.calls, prompt: hash, made_before: of.calls++ };
    this.#prompts.set(hash, of);
    this.#counts.in_flight += 1;
    this.#counts.max_in_flight = Math.max(this.#counts.max_in_flight, this.#counts.in_flight);
    await this.#write({ call: call.number, at: Date.now() / 1000, prompt: hash, stream });
    return call;
  }

  /** Before the last byte of an answer. `answered`: it is an answer, and whole. */
  async answered(call: Call, status: number, answered: boolean): Promise<void> {
    if (answered) {
      this.#counts.answered += 1;
      this.#prompts.get(call.prompt)!.answers += 1;
    }
    await this.#write({ call: call.number, at: Date.now() / 1000, status, answered });
  }

  /** When nothing more is done about a call. */
  left(): void {
    this.#counts.in_flight -= 1;
  }

  counts(): LedgerCounts {
    return { ...this.#counts };
  }

  content(): LedgerContent {
    const of = (what: 'calls' | 'answers') =>
      Object.fromEntries(
        [...this.#prompts].map(([hash, counts]) => [hash, counts[what]] as const).filter(([, n]) => n > 0),
      );
    return { ...this.#counts, prompts: of('calls'), answers: of('answers') };
  }

  #write(line: Line): Promise<void> | undefined {
    if (this.#file === null) return undefined;
    return new Promise((written, failed) => {
      this.#waiting.push({ line: `${JSON.stringify(line)}\n`, written, failed });
      if (!this.#writing) void this.#flush(this.#file!);
    });
  }

  async #flush(file: FileHandle): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await file.write(batch.map(({ line }) => line).join(''));
        await file.datasync();
        for (const { written } of batch) written();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    this.#writing = false;
  }

  #read(text: string): void {
    const calls = new Map<number, string>();
    // The last line may be half a one: a call that nothing was done about.
    for (const row of text.split('\n').slice(0, -1)) {
      const line = JSON.parse(row) as Line;
      if ('prompt' in line) {
        calls.set(line.call, line.prompt);
        const of = this.#prompts.get(line.prompt) ?? { calls: 0, answers: 0 };
        of.calls += 1;
        this.#prompts.set(line.prompt, of);
        this.#counts.calls = Math.max(this.#counts.calls, line.call);
      } else if (line.answered) {
        this.#counts.answered += 1;
        this.#prompts.get(calls.get(line.call)!)!.answers += 1;
      }
    }
  }
}

/** How the ledger names a prompt. */
export function hashOf(prompt: string): string {
  return createHash('sha256').update(prompt).digest('hex');
}
