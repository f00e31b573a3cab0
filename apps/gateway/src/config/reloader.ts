import { isDeepStrictEqual } from 'node:util';
import { sandboxWaits } from './sandbox-settings.ts';
import { diffSpecs, type SpecDiff } from './diff.ts';
import type { ConfiguredServer, LoadedConfig, LoadResult } from './load.ts';
import { configWarning, type ConfigProblem } from './problem.ts';
import { waitsForRestart } from '../mount/rate-limit-section.ts';
import type { UpstreamSpec } from './upstream-spec.ts';

export type ReloadEvent =
  /** The file cannot be used; what ran before runs on. */
  | { readonly kind: 'refused'; readonly problems: readonly ConfigProblem[] }
  | {
      readonly kind: 'applied';
      readonly diff: SpecDiff;
      readonly kept: readonly string[];
      readonly problems: readonly ConfigProblem[];
    }
  | { readonly kind: 'failed'; readonly cause: unknown };

export type ReloaderOptions = {
  readonly current: LoadedConfig;
  readonly load: () => Promise<LoadResult>;
  /** Gives the gateway its servers. */
  readonly apply: (config: LoadedConfig) => Promise<unknown>;
  readonly onEvent: (event: ReloadEvent) => void;
  /** Told which files to watch from now on. */
  readonly onFiles: (files: ReadonlyMap<string, string>) => void;
};

export type Reloader = {
  reload(): Promise<void>;
  readonly current: () => LoadedConfig;
};

function specsOf(config: LoadedConfig): UpstreamSpec[] {
  return config.servers.flatMap(({ spec }) => (spec === undefined ? [] : [spec]));
}

/** Takes over a changed configuration, one change at a time; what asks in the meantime is answered by one more look at the end. */
export function createReloader({ current, load, apply, onEvent, onFiles }: ReloaderOptions): Reloader {
  let config = current;
  let running: Promise<void> | undefined;
  let again = false;

  async function once(): Promise<void> {
    const result = await load();
    if (!result.ok) {
      // The old files too: the mistake may be in the one that names them.
      onFiles(new Map([...config.files, ...result.files]));
      onEvent({ kind: 'refused', problems: result.problems });
      return;
    }
    const { next, kept } = keepRunning(config, result.config);
    const problems = [...next.problems, ...settingsThatWait(config, next)];
    const diff = diffSpecs(specsOf(config), specsOf(next));
    await apply(next);
    config = next;
    onFiles(next.files);
    onEvent({ kind: 'applied', diff, kept, problems });
  }

  async function work(): Promise<void> {
    do {
      again = false;
      try {
        await once();
      } catch (cause) {
        onEvent({ kind: 'failed', cause });
      }
    } while (again);
    running = undefined;
  }

  return {
    current: () => config,
    async reload() {
      if (running === undefined) running = work();
      else again = true;
      await running;
    },
  };
}

/** A server whose new entry is broken goes on by its old one: a slip of the keyboard should not cut off its clients. */
function keepRunning(before: LoadedConfig, after: LoadedConfig): { next: LoadedConfig; kept: string[] } {
  const old = new Map(before.servers.map((server) => [server.name, server.spec]));
  const kept: string[] = [];
  const servers = after.servers.map((server): ConfiguredServer => {
    const spec = server.spec === undefined ? old.get(server.name) : undefined;
    if (spec === undefined) return server;
    kept.push(server.name);
    return { ...server, spec };
  });
  return { next: { ...after, servers }, kept };
}

function settingsThatWait(before: LoadedConfig, after: LoadedConfig): ConfigProblem[] {
  const changed = (['naming', 'listen', 'limits', 'content'] as const).filter(
    (key) => !isDeepStrictEqual(before.settings[key], after.settings[key]),
  );
  const boxes = sandboxWaits(before.settings.sandbox, after.settings.sandbox);
  return [...changed, ...boxes, ...waitsForRestart(before.settings.rateLimit, after.settings.rateLimit)].map((key) =>
    configWarning(
      'WARN_CONFIG_RESTART',
      { file: after.file, line: 1, column: 1 },
      `"x-sekisho.${key}" has changed, which takes effect at the next start.`,
    ),
  );
}
