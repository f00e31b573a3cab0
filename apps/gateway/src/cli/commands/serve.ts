import { once } from 'node:events';
import { join } from 'node:path';
import { configRejected } from '../../audit/config-changes.ts';
import { endpointOf, type ComposeOptions, type Composition } from '../../compose.ts';
import { composeOrExplain } from '../compose-or-explain.ts';
import type { LoadedConfig } from '../../config/load.ts';
import type { Reloader } from '../../config/reloader.ts';
import { whyNotListen } from '../../mount/listening.ts';
import type { Invocation } from '../arguments.ts';
import { exitCodes } from '../commands-table.ts';
import { print, type Io } from '../io.ts';
import { createLog, type LogLevel } from '../log.ts';
import { ownFolder } from '../locations.ts';
import { createProgress, describeState } from '../progress.ts';
import { createInputPrompt } from '../prompt.ts';
import { readConfig } from '../read-config.ts';
import { followConfig, makeStateFolder, readLogLevel, untilStopped } from '../running.ts';
import { renderScreen } from '../screen.ts';
import type { Access } from '../screen-connect.ts';
import { isSettled, viewServers, withBoxes, type ServerView } from '../server-view.ts';
import { createTerminal, oneLine } from '../terminal.ts';

/** The screen comes after this even if a server still starts: installing one with npx may take minutes. */
const longestWaitMs = 20_000;
const drawEveryMs = 100;

/** `sekisho serve`. */
export async function runServe(invocation: Invocation, io: Io): Promise<number> {
  const level = readLogLevel(invocation, io);
  if (typeof level === 'object') return refuse(io, level.usage);
  const input = createInputPrompt(io);
  const read = await readConfig(invocation, io, input.prompt);
  input.seal();
  if (!read.ok) return read.exitCode;
  const { config, load } = read;
  const where = chooseAddress(invocation, config);
  if ('usage' in where) return refuse(io, where.usage);
  await makeStateFolder(io);

  let reloader: Reloader | undefined;
  const composition = await listen(config, where, io, level, {
    current: () => reloader?.current() ?? config,
    requestReload: async () => await reloader?.reload(),
  });
  if (composition === undefined) return exitCodes.failure;
  const { gateway, reload, close } = composition;
  let screenShown = false;
  const say = (text: string): void =>
    print(io.stdout, `${new Date(io.now()).toLocaleTimeString('en-GB')}  ${text.replaceAll('\n', '\n          ')}`);
  const following = await followConfig({
    config,
    load,
    apply: reload,
    watch: invocation.flags['no-watch'] !== true,
    say,
    note: (event) => composition.audit.note(configRejected(event)),
  });
  reloader = following.reloader;
  const views = (): ServerView[] =>
    withBoxes(viewServers(reloader.current(), gateway.status().upstreams, io.now), composition.boxOf);
  const stop = new AbortController();
  const showing = show(composition, views, config, io, stop.signal).then(() => {
    screenShown = true;
    tellChanges(composition, views, say, stop.signal);
  });
  await untilStopped(io, {
    reload: () => void reloader.reload(),
    close: async () => {
      stop.abort();
      following.stop();
      await showing;
      if (screenShown) print(io.stdout, 'Stopping.');
      await close();
    },
  });
  return exitCodes.ok;
}

function refuse(io: Io, message: string): number {
  print(io.stderr, message);
  return exitCodes.usage;
}

function chooseAddress(
  { flags }: Invocation,
  config: LoadedConfig,
): { host: string; port: number } | { usage: string } {
  const host = flags.host === undefined ? (config.settings.listen?.host ?? '127.0.0.1') : String(flags.host);
  const why = whyNotListen(host, config.settings);
  if (why !== undefined) return { usage: why };
  const port = flags.port === undefined ? (config.settings.listen?.port ?? 7300) : Number(flags.port);
  return Number.isInteger(port) && port >= 0 && port <= 65_535
    ? { host, port }
    : { usage: `"${String(flags.port)}" is not a port; it is a number from 0 to 65535.` };
}

/** Takes the port before any server is started: a second gateway must not start everything just to find it taken. */
async function listen(
  config: LoadedConfig,
  where: { host: string; port: number },
  io: Io,
  level: LogLevel,
  reloading: Pick<ComposeOptions, 'current' | 'requestReload'>,
): Promise<Composition | undefined> {
  const log = createLog(io.stderr, level, config.secrets, config.settings.pii);
  const taken = await findListenProblem(where, io.program);
  if (taken !== undefined) {
    print(io.stderr, taken);
    return undefined;
  }
  const options = {
    version: io.version,
    log,
    cacheFolder: join(ownFolder(io, 'cache'), 'servers'),
    stateFolder: ownFolder(io, 'state'),
    env: io.env,
    home: io.home,
    now: io.now,
    port: where.port,
    ...reloading,
  };
  const composition = await composeOrExplain(config, options, io);
  if (composition === undefined) return undefined;
  composition.server.listen(where.port, where.host);
  try {
    await once(composition.server, 'listening');
    return composition;
  } catch (thrown) {
    print(io.stderr, describeListenProblem(thrown as NodeJS.ErrnoException, where, io.program));
    await composition.close();
    return undefined;
  }
}

async function findListenProblem(where: { host: string; port: number }, program: string): Promise<string | undefined> {
  const { createServer } = await import('node:net');
  const probe = createServer();
  probe.listen(where.port, where.host);
  try {
    await once(probe, 'listening');
  } catch (thrown) {
    return describeListenProblem(thrown as NodeJS.ErrnoException, where, program);
  }
  probe.close();
  await once(probe, 'close');
  return undefined;
}

function describeListenProblem(
  { code, message }: NodeJS.ErrnoException,
  { host, port }: { host: string; port: number },
  program: string,
): string {
  if (code === 'EADDRINUSE')
    return `Port ${port} on ${host} is taken, perhaps by another Sekisho (${program} status tells). Stop that, or take another port: ${program} --port ${port === 65_535 ? 7301 : port + 1}`;
  if (code === 'EACCES')
    return `Port ${port} needs rights that this user does not have. Take one above 1023: ${program} --port 7300`;
  return `It is not possible to listen on ${host}:${port}: ${code ?? message}.`;
}

/** Draws the servers coming up, and then the screen. */
async function show(
  { gateway, server, encrypted, newLocalKey }: Composition,
  views: () => ServerView[],
  config: LoadedConfig,
  io: Io,
  signal: AbortSignal,
): Promise<void> {
  const terminal = createTerminal(io.stdout, io.env);
  const startedMs = io.now();
  const progress = createProgress({ terminal, write: (text) => void io.stdout.write(text), now: io.now });
  progress.update(views());
  const unsubscribe = gateway.onStatus(() => progress.update(views()));
  // What is done before a server starts, such as an installation, is no change of its state.
  const drawing = setInterval(() => {
    if (views().some((view) => view.box?.phase !== undefined)) progress.update(views());
    progress.tick();
  }, drawEveryMs);
  let timer: NodeJS.Timeout | undefined;
  const longest = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, longestWaitMs);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([gateway.ready(), longest]);
  clearTimeout(timer);
  clearInterval(drawing);
  unsubscribe();
  progress.finish();
  if (signal.aborted) return;
  const address = server.address();
  const url = typeof address === 'object' && address !== null ? endpointOf(address, encrypted) : '';
  const { problems, secrets, file } = config;
  print(
    io.stdout,
    renderScreen({
      version: io.version,
      program: io.program,
      url: config.settings.auth?.resource ?? url,
      access: accessOf(config, newLocalKey),
      configFile: file,
      servers: views(),
      problems: secrets.maskDeep(problems),
      elapsedMs: io.now() - startedMs,
      terminal,
    }),
  );
}

/** After the screen: one line for each server that comes up late, fails or comes back. */
function tellChanges(
  { gateway }: Composition,
  views: () => ServerView[],
  say: (text: string) => void,
  signal: AbortSignal,
): void {
  const told = new Map(views().map((server) => [server.name, server.state]));
  const unsubscribe = gateway.onStatus(() => {
    for (const server of views()) {
      if (told.get(server.name) === server.state || !isSettled(server)) continue;
      told.set(server.name, server.state);
      say(`${oneLine(server.name, 40)}: ${describeState(server)}`);
    }
  });
  signal.addEventListener('abort', unsubscribe, { once: true });
}

function accessOf({ settings: { auth } }: LoadedConfig, newLocalKey: string | undefined): Access {
  if (auth !== undefined && auth.apiKeys === undefined)
    return { kind: 'sign-in', issuers: (auth.authorizationServers ?? []).map(({ issuer }) => issuer) };
  return newLocalKey === undefined ? { kind: 'key' } : { kind: 'new-key', key: newLocalKey };
}
