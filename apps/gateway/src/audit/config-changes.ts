import { hash } from 'node:crypto';
import type { AuditEvent } from '@sekisho/audit';
import { diffSpecs } from '../config/diff.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { ReloadEvent } from '../config/reloader.ts';

/**
 * A configuration, and the difference between two, as events. Hashes and names, never values: a configuration is full of
 * secrets, and a plain hash of a short one gives it away, so secrets are masked before anything is hashed.
 */
export function configLoaded(config: LoadedConfig): AuditEvent {
  const digests = digestsOf(config);
  return {
    type: 'config.loaded',
    outcome: 'ok',
    detail: {
      servers: config.servers.length,
      broken: config.servers.filter(({ spec }) => spec === undefined).length,
      ...digests,
    },
  };
}

/** The servers that came, went or changed, an event each, and one for the whole. */
export function configChanged(before: LoadedConfig, after: LoadedConfig): AuditEvent[] {
  const diff = diffSpecs(specsOf(before), specsOf(after));
  const events: AuditEvent[] = [];
  for (const [types, names] of [
    ['upstream.registered', diff.added],
    ['upstream.removed', diff.removed],
    ['upstream.changed', diff.changed],
  ] as const)
    for (const server of names) events.push({ type: types, outcome: 'ok', target: { server } });
  const sections = changedSections(before, after);
  const from = digestsOf(before);
  const to = digestsOf(after);
  const detail = {
    added: diff.added.length,
    removed: diff.removed.length,
    changed: diff.changed.length,
    sections: sections.join(' '),
    from_sha256: from.config_sha256,
    to_sha256: to.config_sha256,
    diff_sha256: hash('sha256', JSON.stringify([diff, sections, from, to]), 'hex'),
  };
  events.push({ type: 'config.changed', outcome: 'ok', detail });
  return events;
}

function specsOf(config: LoadedConfig) {
  return config.servers.flatMap(({ spec }) => (spec === undefined ? [] : [spec]));
}

function digestsOf({ servers, settings, secrets }: LoadedConfig): { config_sha256: string; settings_sha256: string } {
  const masked = secrets.maskDeep(settings);
  const specs = secrets.maskDeep(servers.map(({ name, spec }) => ({ name, spec })));
  return {
    config_sha256: hash('sha256', JSON.stringify([masked, specs]), 'hex'),
    settings_sha256: hash('sha256', JSON.stringify(masked), 'hex'),
  };
}

function changedSections(before: LoadedConfig, after: LoadedConfig): string[] {
  const old = before.settings as Readonly<Record<string, unknown>>;
  const next = after.settings as Readonly<Record<string, unknown>>;
  return [...new Set([...Object.keys(old), ...Object.keys(next)])]
    .filter((key) => JSON.stringify(old[key]) !== JSON.stringify(next[key]))
    .sort();
}

/** A changed configuration that was not taken over: what ran before runs on. The codes say why; the texts stay in the log. */
export function configRejected(event: Exclude<ReloadEvent, { kind: 'applied' }>): AuditEvent {
  if (event.kind === 'failed')
    return { type: 'config.rejected', outcome: 'error', detail: { reason: 'it could not be put in force' } };
  const codes = [...new Set(event.problems.map(({ code }) => code))].sort().join(' ');
  return { type: 'config.rejected', outcome: 'denied', detail: { problems: event.problems.length, codes } };
}
