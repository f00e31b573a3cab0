import { resolve } from 'node:path';
import { createSandbox, describeRefusal, diagnose, type BoxEvent, type SandboxProfile } from '@sekisho/sandbox';
import { proposalText } from '../../mount/box-advice.ts';
import type { Invocation } from '../arguments.ts';
import { exitCodes } from '../commands-table.ts';
import { print, type Io } from '../io.ts';
import { ownFolder } from '../locations.ts';
import { plainText } from '../terminal.ts';

/** `sekisho sandbox run -- <command>`: its streams are the command's own, and so is the exit code. */
export async function runInBox([command, ...args]: readonly string[], { flags }: Invocation, io: Io): Promise<number> {
  if (command === undefined) {
    print(io.stderr, 'Write the command behind two dashes, as in: sekisho sandbox run -- node script.js');
    return exitCodes.usage;
  }
  const list = (value: string | true | undefined): string[] =>
    typeof value === 'string' ? value.split(',').filter((item) => item !== '') : [];
  const paths = (value: string | true | undefined): string[] =>
    list(value).map((path) => (path.startsWith('~') ? path : resolve(io.cwd, path)));
  const profile: SandboxProfile = {
    filesystem: { allowRead: paths(flags.read), allowWrite: paths(flags.write) },
    network: { allowedDomains: list(flags.net) },
    ...(flags.spawn === true ? { spawn: true } : {}),
  };
  const events: BoxEvent[] = [];
  const sandbox = createSandbox({
    environment: io.env,
    home: io.home,
    protectedPaths: [ownFolder(io, 'state'), ownFolder(io, 'settings')],
    onEvent: ({ box: _box, ...event }) => events.push(event),
    now: io.now,
  });
  const child = await sandbox.start({ command, args, profile, directory: io.cwd });
  const unlisten = io.onSignal(() => void child.stop());
  io.stdin.pipe(child.stdin);
  child.stdout.pipe(io.stdout, { end: false });
  child.stderr.pipe(io.stderr, { end: false });
  const { code, reason, stderrTail } = await child.exited;
  unlisten();
  io.stdin.unpipe(child.stdin);
  for (const event of events)
    if (event.type === 'refused') print(io.stderr, plainText(`sekisho: refused: ${describeRefusal(event)}`));
  if (code !== 0) {
    const found = diagnose(child.plan, { stderr: stderrTail, reason, events });
    for (const { cause } of found) print(io.stderr, plainText(`sekisho: ${cause}`));
    const text = proposalText(profile, found);
    if (text !== undefined) print(io.stderr, plainText(`sekisho: it would take ${text}`));
  }
  return code ?? exitCodes.failure;
}
