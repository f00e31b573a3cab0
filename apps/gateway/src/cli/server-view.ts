import type { ConfiguredServer, LoadedConfig } from '../config/load.ts';
import type { BoxView } from '../mount/box-view.ts';
import { describePlace } from '../config/problem.ts';
import type { UpstreamStatus } from '../config/upstream-spec.ts';

/** A server as the operator sees it: what the gateway says of it, or why the gateway never got it. */
export type ServerView = Omit<UpstreamStatus, 'kind'> & {
  readonly kind?: UpstreamStatus['kind'];
  readonly box?: BoxView;
};

/** Every configured server, the broken ones too: nothing that somebody wrote down silently goes missing. */
export function viewServers(
  config: LoadedConfig,
  statuses: readonly UpstreamStatus[],
  now: () => number,
): ServerView[] {
  const running = new Map(statuses.map((status) => [status.name, status]));
  const views = config.servers.map(
    (server): ServerView =>
      (server.spec === undefined ? undefined : running.get(server.spec.name)) ?? viewBroken(server, now()),
  );
  return config.secrets.maskDeep(views);
}

/** The same, each with the box that it is in, or that it was refused. */
export function withBoxes(servers: ServerView[], boxOf: (server: string) => BoxView | undefined): ServerView[] {
  return servers.map((server) => {
    const box = server.kind === 'stdio' && server.state !== 'disabled' ? boxOf(server.name) : undefined;
    return box === undefined ? server : { ...server, box };
  });
}

function viewBroken({ name, place, problems }: ConfiguredServer, sinceMs: number): ServerView {
  const first = problems.find(({ severity }) => severity === 'error');
  const error = {
    code: first?.code ?? 'ERR_CONFIG_SERVER',
    message: `${first?.message ?? 'The entry cannot be used.'} (${describePlace(first?.place ?? place)})`,
    ...(first?.remedy === undefined ? {} : { remedy: first.remedy }),
  };
  return { name, state: 'failed', error, sinceMs, restarts: 0, refused: [] };
}

export function describeCounts({ counts }: ServerView): string {
  if (counts === undefined) return '';
  const parts = [
    [counts.tools, 'tool'],
    [counts.prompts, 'prompt'],
    [counts.resources, 'resource'],
    [counts.templates, 'template'],
  ] as const;
  const shown = parts
    .filter(([count]) => count > 0)
    .map(([count, noun]) => `${count} ${noun}${count === 1 ? '' : 's'}`);
  return shown.length === 0 ? 'nothing to offer' : shown.join(', ');
}

export function describeEra({ era, revision }: ServerView): string {
  return [revision, era].filter((part) => part !== undefined).join(' ');
}

/** Whether there is nothing left to wait for. */
export function isSettled({ state }: ServerView): boolean {
  return state !== 'starting' && state !== 'stopped';
}

/** What the operator can do about a server that is down. The gateway often knows; else it is where to look first. */
export function remedyOf({ error, kind, state }: ServerView): string | undefined {
  if (error === undefined || state === 'ready' || state === 'disabled') return undefined;
  if (error.remedy !== undefined) return error.remedy;
  return kind === 'http'
    ? 'Check its "url", and whether the server runs there and asks for a header.'
    : 'Run its command by hand and see what it says; correct the entry, and it is started at once.';
}
