import type { LoadedConfig } from '../config/load.ts';
import type { BoxView } from '../mount/box-view.ts';
import type { LimitsView } from '../mount/limits-view.ts';
import type { PolicyStatus } from '../mount/policy.ts';

/** How bad it is. `danger` fails the check; `warning` does so with `--strict`; a `note` never. */
export type Severity = 'danger' | 'warning' | 'note';

/** Something that could be better: what, and how to mend it. */
export interface Finding {
  readonly severity: Severity;
  readonly what: string;
  readonly remedy: string;
}

/** The machine that the gateway runs on, as far as it matters. */
export interface Machine {
  readonly nodeVersion: string;
  readonly isRoot: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Free room where records are kept, bytes; undefined where that cannot be told. */
  readonly freeBytes: number | undefined;
  /** Files with secrets that others may read or change, and how. */
  readonly openFiles: readonly { readonly path: string; readonly reason: string }[];
}

/** What the running gateway says of itself, as far as the checks look. */
export interface RunningFacts {
  readonly upstreams: readonly {
    readonly name: string;
    readonly state: string;
    readonly restarts?: number;
    readonly box?: BoxView;
  }[];
  readonly problems: readonly string[];
  readonly limits?: LimitsView;
  readonly policy?: PolicyStatus;
}

/** An API key that is in force, as far as the checks look. */
export interface KeyFacts {
  readonly id: string;
  readonly label: string;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly lastUsedMs: number | undefined;
}

export interface Facts {
  readonly config: LoadedConfig;
  /** Undefined where none runs, or it does not answer us. */
  readonly running: RunningFacts | undefined;
  readonly machine: Machine;
  readonly keys: readonly KeyFacts[];
  /** Of the certificate that is served, milliseconds since 1970. */
  readonly certificateEndsMs: number | undefined;
  readonly nowMs: number;
}

/** One line of the checklist. */
export interface Check {
  readonly id: string;
  /** A sentence that is true when there is nothing to find. */
  readonly title: string;
  /** `deployment`: by the configuration and the machine alone. `running`: needs a gateway that runs. */
  readonly when: 'deployment' | 'running';
  readonly find: (facts: Facts) => readonly Finding[];
}

export function danger(what: string, remedy: string): Finding {
  return { severity: 'danger', what, remedy };
}

export function warning(what: string, remedy: string): Finding {
  return { severity: 'warning', what, remedy };
}

export function note(what: string, remedy: string): Finding {
  return { severity: 'note', what, remedy };
}
