import type { ReloadEvent } from '../config/reloader.ts';
import type { SecretSet } from '../config/secret-set.ts';
import { describeProblems } from './read-config.ts';
import { oneLine } from './terminal.ts';

/** A reload in a few lines for the operator. */
export function describeReload(event: ReloadEvent, secrets: SecretSet): string {
  const mask = (text: string): string => secrets.mask(text);
  if (event.kind === 'failed')
    return `The configuration could not be taken over: ${oneLine(mask(event.cause instanceof Error ? event.cause.message : String(event.cause)))}`;
  if (event.kind === 'refused')
    return `The changed configuration is refused, and the old one stays in force:\n${describeProblems(event.problems, mask)}`;
  const { diff, kept, problems } = event;
  const parts = (['added', 'removed', 'changed'] as const).flatMap((what) =>
    diff[what].length === 0 ? [] : [`${what} ${diff[what].map((name) => oneLine(name, 40)).join(', ')}`],
  );
  const lines = [`Configuration reloaded: ${parts.length === 0 ? 'no server has changed' : parts.join('; ')}.`];
  if (kept.length > 0)
    lines.push(
      `Broken in the new file, and running on as before: ${kept.map((name) => oneLine(name, 40)).join(', ')}.`,
    );
  const errors = problems.filter(({ severity, code }) => severity === 'error' || code === 'WARN_CONFIG_RESTART');
  if (errors.length > 0) lines.push(describeProblems(errors, mask));
  return lines.join('\n');
}
