import { join } from 'node:path';
import { configRejected } from '../../audit/config-changes.ts';
import type { Reloader } from '../../config/reloader.ts';
import type { Invocation } from '../arguments.ts';
import { exitCodes } from '../commands-table.ts';
import { composeOrExplain } from '../compose-or-explain.ts';
import { print, type Io } from '../io.ts';
import { createLog } from '../log.ts';
import { ownFolder } from '../locations.ts';
import { describeProblems, readConfig } from '../read-config.ts';
import { followConfig, makeStateFolder, readLogLevel, untilStopped } from '../running.ts';

/** `sekisho stdio`: standard output belongs to the protocol, so everything for people goes to standard error. */
export async function runStdio(invocation: Invocation, io: Io): Promise<number> {
  const level = readLogLevel(invocation, io);
  if (typeof level === 'object') {
    print(io.stderr, level.usage);
    return exitCodes.usage;
  }
  const read = await readConfig(invocation, io);
  if (!read.ok) return read.exitCode;
  const { config, load } = read;
  const errors = config.problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0)
    print(
      io.stderr,
      describeProblems(errors, (text) => config.secrets.mask(text)),
    );
  await makeStateFolder(io);
  const log = createLog(io.stderr, level, config.secrets, config.settings.pii);
  let reloader: Reloader | undefined;
  const options = {
    version: io.version,
    log,
    cacheFolder: join(ownFolder(io, 'cache'), 'servers'),
    stateFolder: ownFolder(io, 'state'),
    env: io.env,
    home: io.home,
    now: io.now,
    current: () => reloader?.current() ?? config,
    stdoutTaken: true,
    requestReload: async () => await reloader?.reload(),
  };
  const composition = await composeOrExplain(config, options, io);
  if (composition === undefined) return exitCodes.failure;
  const { gateway, audit, reload, close } = composition;
  const following = await followConfig({
    config,
    load,
    apply: reload,
    watch: invocation.flags['no-watch'] !== true,
    say: (text) => print(io.stderr, text),
    note: (event) => audit.note(configRejected(event)),
  });
  reloader = following.reloader;
  await untilStopped(io, {
    reload: () => void reloader.reload(),
    ended: gateway.serveStdio(io.stdin, io.stdout),
    close: async () => {
      following.stop();
      await close();
    },
  });
  return exitCodes.ok;
}
