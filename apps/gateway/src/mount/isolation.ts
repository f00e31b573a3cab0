import { stat } from 'node:fs/promises';
import {
  isRefusal,
  type Credentials,
  type Decide,
  type Gateway,
  type GatewayOptions,
  type Principal,
  type Refusal,
  type UpstreamSpec,
} from '@sekisho/core';
import type { Log } from '../cli/log.ts';
import { isolationsFile, readIsolations, type Isolation } from '../incident/isolations.ts';

export type IsolationChange = Isolation & { readonly change: 'on' | 'off' };

export type IsolationMount = {
  /** The same port, by which nobody who is isolated is let in. */
  guard(authenticate: NonNullable<GatewayOptions['authenticate']>): NonNullable<GatewayOptions['authenticate']>;
  /** The same ports, by which nothing of an isolated server is called. */
  gate<Ports extends { readonly decide: Decide }>(ports: Ports): Ports;
  /** The same servers, of which those that are isolated do not run. */
  hold(specs: readonly UpstreamSpec[]): UpstreamSpec[];
  /** Acts on what is already under way, now and with every change. `restart` puts the servers in line. */
  follow(gateway: Pick<Gateway, 'interrupt' | 'revoke'>, restart: () => Promise<unknown>): void;
  list(): readonly Isolation[];
  close(): void;
};

/** How often the list is looked at, in milliseconds: an isolation must be felt within a second. */
const LOOK_MS = 250;

const ISOLATED: Refusal = { refused: 'isolated', detail: 'isolated by the operator' };
/** Where the list cannot be read, everything is cut off: an isolation that is forgotten is worse than an hour of silence. */
const UNREADABLE: Isolation = { kind: 'all', name: '', reason: 'the list of isolations cannot be read', sinceMs: 0 };

/**
 * Cuts off what the operator isolated in an incident: a server, a principal or everything. The list is a file in the state
 * folder, so that it takes effect on every process that shares the folder, and holds over a restart.
 */
export async function mountIsolation({
  stateFolder,
  log,
  onChange,
}: {
  readonly stateFolder: string;
  readonly log: Log;
  /** Told of what was added and released while running. */
  readonly onChange: (change: IsolationChange) => void;
}): Promise<IsolationMount> {
  let list = await readOrAll();
  let seen = await stampOf(stateFolder);
  let act: (() => Promise<void>) | undefined;
  let looking = false;

  async function readOrAll(): Promise<readonly Isolation[]> {
    try {
      return await readIsolations(stateFolder);
    } catch (error) {
      log.error({ error: String(error) }, 'everything is isolated until the list can be read');
      return [UNREADABLE];
    }
  }

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    try {
      const stamp = await stampOf(stateFolder);
      if (stamp === seen) return;
      const before = list;
      list = await readOrAll();
      seen = stamp;
      await act?.();
      for (const one of list) if (!before.some((old) => isSame(old, one))) onChange({ change: 'on', ...one });
      for (const one of before) if (!list.some((now) => isSame(now, one))) onChange({ change: 'off', ...one });
    } catch (error) {
      log.error({ error: String(error) }, 'an isolation could not be carried out');
    } finally {
      looking = false;
    }
  }
  const timer = setInterval(() => void look(), LOOK_MS).unref();

  const holdsAll = (): boolean => list.some(({ kind }) => kind === 'all');
  const holdsServer = (name: string): boolean =>
    list.length > 0 && (holdsAll() || list.some((one) => one.kind === 'server' && one.name === name));
  const holdsPrincipal = ({ id }: Principal): boolean =>
    list.length > 0 && (holdsAll() || list.some((one) => one.kind === 'principal' && one.name === id));
  const judge = (who: Principal | Refusal): Principal | Refusal =>
    !isRefusal(who) && holdsPrincipal(who) ? ISOLATED : who;

  return {
    guard: (authenticate) => (credentials: Credentials) => {
      const who = authenticate(credentials);
      return who instanceof Promise ? who.then(judge) : judge(who);
    },
    gate: (ports) => ({
      ...ports,
      decide: (principal, target, address) =>
        target.server !== undefined && holdsServer(target.server) ? ISOLATED : ports.decide(principal, target, address),
    }),
    hold: (specs) => specs.map((spec) => (holdsServer(spec.name) ? { ...spec, enabled: false } : spec)),
    follow: (gateway, restart) => {
      act = async () => {
        gateway.interrupt(({ principal, server }) => holdsServer(server) || holdsPrincipal(principal));
        gateway.revoke(holdsPrincipal);
        await restart();
      };
      if (list.length > 0) void act();
    },
    list: () => list,
    close: () => clearInterval(timer),
  };
}

/** Tells one state of the file from another. It is always replaced and never written into. */
async function stampOf(stateFolder: string): Promise<string> {
  const stats = await stat(isolationsFile(stateFolder), { bigint: true }).catch(() => undefined);
  return stats === undefined ? 'none' : `${stats.ino} ${stats.mtimeNs} ${stats.size}`;
}

function isSame(a: Isolation, b: Isolation): boolean {
  return a.kind === b.kind && a.name === b.name && a.sinceMs === b.sinceMs;
}
