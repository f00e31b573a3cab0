import { clients } from '../clients/registry.ts';
import {
  commands,
  exitCodes,
  globalFlags,
  type CommandName,
  type CommandSpec,
  type FlagSpec,
} from './commands-table.ts';
import type { Style } from './terminal.ts';

/** The help for one command, or for all when none is named. */
export function renderHelp(command: CommandName | undefined, style: Style): string {
  return (command === undefined ? renderOverview(style) : renderCommand(commands[command], style)).join('\n');
}

function renderOverview(style: Style): string[] {
  return [
    'Sekisho stands between your AI clients and your MCP servers: one address for all of them.',
    '',
    style.bold('Usage'),
    '  sekisho [command] [options]',
    '',
    style.bold('Commands'),
    ...table(Object.entries(commands).map(([name, { summary }]) => [name, summary])),
    '',
    style.bold('Options'),
    ...table(flagRows(globalFlags)),
    '',
    style.bold('Examples'),
    ...Object.values(commands).map(({ examples }) => `  ${examples[0]}`),
    '',
    `"sekisho <command> --help" tells the options of a command.`,
    `Exit codes: ${exitCodes.ok} well, ${exitCodes.failure} something failed, ${exitCodes.usage} wrong words, ${exitCodes.config} wrong configuration, ${exitCodes.unreachable} no gateway answers.`,
    'NO_COLOR switches colours off; they are off in a pipe anyway.',
  ];
}

function renderCommand(command: CommandSpec, style: Style): string[] {
  const clientList =
    command === commands.connect
      ? ['', style.bold('Clients'), ...table(clients.map(({ id, title }) => [id, title]))]
      : [];
  return [
    `${command.summary[0]!.toUpperCase()}${command.summary.slice(1)}.`,
    '',
    style.bold('Usage'),
    `  ${command.usage}`,
    ...clientList,
    '',
    style.bold('Options'),
    ...table(flagRows({ ...command.flags, ...globalFlags })),
    '',
    style.bold('Examples'),
    ...command.examples.map((example) => `  ${example}`),
  ];
}

function flagRows(flags: Readonly<Record<string, FlagSpec>>): [string, string][] {
  return Object.entries(flags).map(([name, { short, value, help }]) => [
    `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` <${value}>`}`,
    help,
  ]);
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
