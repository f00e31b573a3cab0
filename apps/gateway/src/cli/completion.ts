import { clients } from '../clients/registry.ts';
import { commands, globalFlags, type CommandName, type CommandSpec, type FlagSpec } from './commands-table.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A script by which a shell completes our words, made from the table of commands, so that it can name nothing that is not there. */
export function completionScript(shell: Shell): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell]();
}

type Choice = { readonly word: string; readonly help: string };

function commandChoices(): Choice[] {
  return Object.entries(commands).map(([word, { summary }]) => ({ word, help: summary }));
}

function flagEntries(command: CommandSpec | undefined): [string, FlagSpec][] {
  return Object.entries({ ...command?.flags, ...globalFlags });
}

/** What may stand behind a command: the first words of its usage that are alternatives, and the clients of `connect`. */
function wordsAfter(name: CommandName): string[] {
  if (name === 'connect') return clients.map(({ id }) => id);
  const alternatives = / (?<words>[a-z-]+(?:\|[a-z-]+)+)/.exec(commands[name].usage)?.groups?.['words'];
  return alternatives?.split('|') ?? [];
}

const names = Object.keys(commands) as CommandName[];

function bashScript(): string {
  const cases = names.map((name) => {
    const words = [...wordsAfter(name), ...flagEntries(commands[name]).map(([flag]) => `--${flag}`)];
    return `    ${name}) words=${quote(words.join(' '))} ;;`;
  });
  const takesFile = fileFlags().map((flag) => `--${flag}`);
  return `_sekisho() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=serve words
  case $previous in
    ${takesFile.join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  if [[ $COMP_CWORD == 1 && $current != -* ]]; then
    COMPREPLY=($(compgen -W ${quote(names.join(' '))} -- "$current")); return
  fi
  [[ \${COMP_WORDS[1]} == -* ]] || command=\${COMP_WORDS[1]}
  case $command in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o bashdefault -F _sekisho sekisho
`;
}

function zshScript(): string {
  const cases = names.map((name) => {
    const words = wordsAfter(name);
    const flags = flagEntries(commands[name]).map(
      ([flag, { value, help }]) =>
        `      ${quote(`--${flag}[${zshText(help)}]${value === undefined ? '' : `:${value}:${value === 'file' ? '_files' : ' '}`}`)}`,
    );
    const positional = words.length === 0 ? [] : [`      ${quote(`1:word:(${words.join(' ')})`)}`];
    return `    ${name}) _arguments -s \\\n${[...flags, ...positional].join(' \\\n')} ;;`;
  });
  const described = commandChoices().map(({ word, help }) => `    ${quote(`${word}:${zshText(help)}`)}`);
  return `#compdef sekisho
_sekisho() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command commands
    return
  fi
  local command=serve
  if [[ $words[2] != -* ]]; then
    command=$words[2]
    shift words
    (( CURRENT-- ))
  fi
  case $command in
${cases.join('\n')}
  esac
}
compdef _sekisho sekisho
`;
}

function fishScript(): string {
  const lines = ['complete -c sekisho -f'];
  const none = '__fish_use_subcommand';
  for (const { word, help } of commandChoices())
    lines.push(`complete -c sekisho -n ${none} -a ${word} -d ${fishText(help)}`);
  for (const name of names) {
    const here = `-n '__fish_seen_subcommand_from ${name}'`;
    const words = wordsAfter(name);
    if (words.length > 0) lines.push(`complete -c sekisho ${here} -a ${fishText(words.join(' '))}`);
    for (const [flag, { value, short, help }] of flagEntries(commands[name])) {
      const shortened = short === undefined ? '' : ` -s ${short}`;
      const takes = value === undefined ? '' : value === 'file' ? ' -r -F' : ' -x';
      lines.push(`complete -c sekisho ${here} -l ${flag}${shortened}${takes} -d ${fishText(help)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function fileFlags(): string[] {
  const flags = names.flatMap((name) => flagEntries(commands[name]));
  return [...new Set(flags.filter(([, { value }]) => value === 'file').map(([flag]) => flag))];
}

/** One word of a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Brackets and colons have a meaning of their own in specifications of zsh. */
function zshText(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, String.raw`\$&`);
}

function fishText(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
