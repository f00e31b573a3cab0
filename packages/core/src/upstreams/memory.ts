import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '@sekisho/protocol';
import type { Era } from '@sekisho/protocol';
import type { RememberedLists } from './items.ts';
import type { Opened } from './peer.ts';
import type { UpstreamSpec } from './spec.ts';

/** What is remembered of one server between runs. */
export interface Remembered {
  readonly lists: RememberedLists;
  readonly opened: Opened;
  /** A verdict that may be trusted for a while. */
  readonly era?: Era;
}

/** Remembers servers, so that a catalogue can answer before they have started. */
export interface Memory {
  recall(spec: UpstreamSpec): Remembered | undefined;
  remember(spec: UpstreamSpec, remembered: Remembered): void;
  /** `legacy` where the probe may be skipped. A stale verdict would last for ever unseen, so it expires. */
  eraHint(spec: UpstreamSpec): 'legacy' | undefined;
  /** The verdict on its era was wrong: the next time it is asked. */
  forget(spec: UpstreamSpec): void;
}

const ERA_KEPT_MS = 86_400_000;
const VERSION = 1;

/** Remembers nothing beyond the process, but era verdicts within it. */
export function volatileMemory(): Memory {
  const eras = new Map<string, Era>();
  return {
    recall: () => undefined,
    remember: (spec, { era }) => {
      if (era) eras.set(keyOf(spec), era);
    },
    eraHint: (spec) => (eras.get(keyOf(spec)) === 'legacy' ? 'legacy' : undefined),
    forget: (spec) => {
      eras.delete(keyOf(spec));
    },
  };
}

/**
 * Remembers in one file for each server, named by a hash of its whole specification: another command, URL, environment or
 * header is another server. Files are readable by the owner only. A file that cannot be read counts as nothing remembered.
 *
 * @param folder made if it does not exist
 */
export function fileMemory(folder: string, now: () => number = Date.now): Memory {
  const written = new Map<string, string>();
  const pathOf = (spec: UpstreamSpec) => join(folder, `${keyOf(spec)}.json`);
  const read = (spec: UpstreamSpec) => {
    let value: unknown;
    try {
      value = JSON.parse(readFileSync(pathOf(spec), 'utf8'));
    } catch {
      return undefined; // Missing or torn: the server is asked instead.
    }
    return isEntry(value) ? value : undefined;
  };
  return {
    recall: (spec) => read(spec)?.remembered,
    remember: (spec, remembered) => {
      const body = JSON.stringify(remembered);
      const path = pathOf(spec);
      if (written.get(path) === body) return;
      written.set(path, body);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // Written aside and renamed: a crash leaves the old file or the new one.
      const draft = `${path}.${process.pid}.tmp`;
      writeFileSync(draft, `{"version":${VERSION},"atMs":${now()},"remembered":${body}}`, { mode: 0o600 });
      renameSync(draft, path);
    },
    forget: (spec) => {
      written.delete(pathOf(spec));
      rmSync(pathOf(spec), { force: true });
    },
    eraHint: (spec) => {
      const entry = read(spec);
      return entry && entry.remembered.era === 'legacy' && now() - entry.atMs < ERA_KEPT_MS ? 'legacy' : undefined;
    },
  };
}

interface Entry {
  readonly version: number;
  readonly atMs: number;
  readonly remembered: Remembered;
}

function isEntry(value: unknown): value is Entry {
  if (!isObject(value) || value['version'] !== VERSION || typeof value['atMs'] !== 'number') return false;
  const remembered = value['remembered'];
  return isObject(remembered) && isObject(remembered['lists']) && isObject(remembered['opened']);
}

function keyOf(spec: UpstreamSpec): string {
  const identity =
    spec.kind === 'stdio'
      ? [spec.name, spec.command, spec.args, spec.env, spec.cwd ?? '']
      : [spec.name, spec.url, spec.transport, spec.headers];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
}
