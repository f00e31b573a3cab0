import { findNearest } from '../config/nearest.ts';
import {
  commands,
  globalFlags,
  type CommandName,
  type CommandSpec,
  type FlagName,
  type FlagSpec,
} from './commands-table.ts';

export type Invocation = {
  readonly command: CommandName;
  readonly flags: Readonly<Partial<Record<FlagName, string | true>>>;
  readonly positionals: readonly string[];
};

export type UsageError = { readonly usage: string; readonly command?: CommandName };

/** Reads the words behind `sekisho`. A word that is not known is never guessed at, only answered with the nearest. */
export function parseArguments(argv: readonly string[]): Invocation | UsageError {
  const words = [...argv];
  const first = words[0];
  let command: CommandName = 'serve';
  if (first !== undefined && !first.startsWith('-')) {
    if (!isCommand(first)) return unknownWord('command', first, Object.keys(commands));
    command = first;
    words.shift();
  }
  const known = { ...globalFlags, ...commands[command].flags } as Record<string, FlagSpec>;
  const flags: Partial<Record<FlagName, string | true>> = {};
  const positionals: string[] = [];
  while (words.length > 0) {
    const word = words.shift()!;
    if (word === '--') {
      positionals.push(...words.splice(0));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      positionals.push(word);
      continue;
    }
    const { name, given } = splitFlag(word, known);
    const flag = Object.hasOwn(known, name) ? known[name] : undefined;
    if (flag === undefined)
      return {
        ...unknownWord(
          'option',
          word.split('=')[0]!,
          Object.keys(known).map((key) => `--${key}`),
        ),
        command,
      };
    if (flag.value === undefined) {
      if (given !== undefined) return { usage: `--${name} takes no value.`, command };
      flags[name as FlagName] = true;
      continue;
    }
    const value = given ?? words.shift();
    if (value === undefined || (given === undefined && value.startsWith('-') && value !== '-'))
      return { usage: `--${name} needs a value: --${name} <${flag.value}>.`, command };
    flags[name as FlagName] = value;
  }
  const allowed = (commands[command] as CommandSpec).positionals;
  if (positionals.length > (allowed?.most ?? 0))
    return { usage: `"${positionals[allowed?.most ?? 0]}" is one word too many for "sekisho ${command}".`, command };
  return { command, flags, positionals };
}

function splitFlag(
  word: string,
  known: Readonly<Record<string, FlagSpec>>,
): { name: string; given: string | undefined } {
  if (word.startsWith('--')) {
    const at = word.indexOf('=');
    return at < 0 ? { name: word.slice(2), given: undefined } : { name: word.slice(2, at), given: word.slice(at + 1) };
  }
  const short = Object.entries(known).find(([, flag]) => flag.short === word.slice(1));
  return { name: short?.[0] ?? word, given: undefined };
}

function unknownWord(what: string, word: string, known: readonly string[]): UsageError {
  const nearest = findNearest(word, known);
  const hint = nearest === undefined ? `Run "sekisho --help" for all of them.` : `Did you mean "${nearest}"?`;
  return { usage: `There is no ${what} "${word}". ${hint}` };
}

function isCommand(word: string): word is CommandName {
  return Object.hasOwn(commands, word);
}
