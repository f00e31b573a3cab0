import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { InputDefinition } from '../config/inputs.ts';
import type { AskForInput } from '../config/values.ts';
import type { Io } from './io.ts';
import { oneLine } from './terminal.ts';

/** Whether a person can be asked: both ends must be a terminal. */
export function canAsk(io: Pick<Io, 'stdin' | 'stderr'>): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true;
}

/** Asks once on the terminal. What is typed for a secret is not shown. Undefined when the person ends it (Ctrl-C, Ctrl-D). */
export async function ask(
  io: Pick<Io, 'stdin' | 'stderr'>,
  question: string,
  hidden = false,
): Promise<string | undefined> {
  const echo = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!hidden) io.stderr.write(chunk);
      done();
    },
  });
  io.stderr.write(question);
  const lines = createInterface({ input: io.stdin, output: echo, terminal: true });
  try {
    return await new Promise<string | undefined>((resolve) => {
      lines.once('line', resolve);
      lines.once('close', () => resolve(undefined));
      lines.once('SIGINT', () => lines.close());
    });
  } finally {
    lines.close();
    if (hidden) io.stderr.write('\n');
  }
}

export async function askYesOrNo(io: Pick<Io, 'stdin' | 'stderr'>, question: string): Promise<boolean> {
  return /^y(?:es)?$/i.test((await ask(io, `${question} [y/N] `))?.trim() ?? '');
}

/**
 * Asks for the inputs of a file, one after the other, and remembers the answers as long as the process lives. After
 * {@link seal} nobody is asked any more: by then the terminal shows something else.
 */
export function createInputPrompt(io: Pick<Io, 'stdin' | 'stderr'>): {
  readonly prompt: AskForInput;
  readonly seal: () => void;
} {
  const answers = new Map<string, string>();
  let sealed = !canAsk(io);
  let turn: Promise<unknown> = Promise.resolve();

  async function askFor(input: InputDefinition): Promise<string | undefined> {
    const known = answers.get(input.id);
    if (known !== undefined || sealed) return known;
    const choices =
      input.options.length > 0 ? ` (${input.options.map((option) => oneLine(option, 40)).join(', ')})` : '';
    const fallback = input.default === undefined ? '' : ` [${oneLine(input.default, 40)}]`;
    const answer = await ask(io, `${oneLine(input.description)}${choices}${fallback}: `, input.password);
    const value = answer === '' ? input.default : answer;
    if (value === undefined || (input.options.length > 0 && !input.options.includes(value))) return undefined;
    answers.set(input.id, value);
    return value;
  }

  return {
    prompt: async (input) => {
      const mine = turn.then(async () => await askFor(input));
      turn = mine.catch(() => undefined);
      return await mine;
    },
    seal() {
      sealed = true;
    },
  };
}
