import { accessChecks } from './access-checks.ts';
import { contentChecks } from './content-checks.ts';
import { exposureChecks } from './exposure-checks.ts';
import type { Check, Facts, Finding } from './finding.ts';
import { machineChecks } from './machine-checks.ts';
import { serverChecks } from './server-checks.ts';

/** The whole checklist, in the order in which it is told. */
export const checklist: readonly Check[] = [
  ...machineChecks,
  ...exposureChecks,
  ...accessChecks,
  ...contentChecks,
  ...serverChecks,
];

export interface Examined {
  readonly id: string;
  readonly title: string;
  readonly result: 'ok' | 'found' | 'skipped';
  readonly findings: readonly Finding[];
}

/** Goes through the checklist. Checks that need a running gateway are skipped where there is none. */
export function examine(facts: Facts): Examined[] {
  return checklist.map(({ id, title, when, find }) => {
    if (when === 'running' && facts.running === undefined) return { id, title, result: 'skipped', findings: [] };
    const findings = find(facts);
    return { id, title, result: findings.length === 0 ? 'ok' : 'found', findings };
  });
}
