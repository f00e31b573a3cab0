import { parseArguments, type Invocation } from './arguments.ts';
import { exitCodes, type CommandName } from './commands-table.ts';
import { runBackup, runRestore } from './commands/backup.ts';
import { runCall } from './commands/call.ts';
import { runCompletion } from './commands/completion.ts';
import { runConfig } from './commands/config.ts';
import { runConnect } from './commands/connect.ts';
import { runKeys } from './commands/keys.ts';
import { runDoctor } from './commands/doctor.ts';
import { runImport } from './commands/import.ts';
import { runIncident } from './commands/incident.ts';
import { runList } from './commands/list.ts';
import { runPolicy } from './commands/policy.ts';
import { runAudit } from './commands/audit.ts';
import { runSandbox } from './commands/sandbox.ts';
import { runServe } from './commands/serve.ts';
import { runStatus } from './commands/status.ts';
import { runStdio } from './commands/stdio.ts';
import { renderHelp } from './help.ts';
import { print, type Io } from './io.ts';
import { createTerminal, plainText } from './terminal.ts';

const runners: Readonly<Record<CommandName, (invocation: Invocation, io: Io) => Promise<number>>> = {
  serve: runServe,
  stdio: runStdio,
  status: runStatus,
  list: runList,
  call: runCall,
  import: runImport,
  connect: runConnect,
  config: runConfig,
  audit: runAudit,
  sandbox: runSandbox,
  doctor: runDoctor,
  incident: runIncident,
  keys: runKeys,
  backup: runBackup,
  restore: runRestore,
  policy: runPolicy,
  completion: runCompletion,
};

/** Runs one command and gives its exit code. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  // "sekisho help connect" is what many try first.
  const words = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
  const invocation = parseArguments(words);
  if ('usage' in invocation) {
    print(io.stderr, plainText(invocation.usage));
    return exitCodes.usage;
  }
  if (invocation.flags.version === true) {
    print(io.stdout, io.version);
    return exitCodes.ok;
  }
  if (invocation.flags.help === true) {
    const named = words[0]?.startsWith('-') === false;
    print(io.stdout, renderHelp(named ? invocation.command : undefined, createTerminal(io.stdout, io.env).style));
    return exitCodes.ok;
  }
  return await runners[invocation.command](invocation, io);
}
