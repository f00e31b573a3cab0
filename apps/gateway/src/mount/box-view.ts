import { describeRefusal, type Attestation, type BoxEvent } from '@sekisho/sandbox';

/** The box of one server as the operator sees it, also as JSON. */
export type BoxView = {
  /** `boxed`: proved, and it runs in it. `weak`: best-effort, and not everything holds. `none`: it runs with the gateway's rights. */
  readonly state: 'preparing' | 'boxed' | 'weak' | 'none' | 'refused';
  /** What is being done before the server starts. */
  readonly phase?: string;
  readonly backend?: Attestation['backend'];
  readonly versions?: Attestation['versions'];
  readonly kernel?: string;
  /** User on the host that the box runs as. */
  readonly uid?: number;
  readonly profileHash?: string;
  /** When the box was proved, milliseconds since 1970, and how long ago that is. */
  readonly provedAtMs?: number;
  readonly ageMs?: number;
  /** Attempts of the proof, all of which the box withstood unless `notEnforceable` says otherwise. */
  readonly attempts?: number;
  readonly enforced?: readonly string[];
  readonly notEnforceable?: readonly string[];
  /** What was installed for it, and pinned. */
  readonly package?: { readonly key: string; readonly version: string };
  /** What it tried and was refused since it started, the last ones in words. */
  readonly refused?: { readonly count: number; readonly last: readonly string[] };
  readonly warnings?: readonly string[];
};

export type BoxFacts = {
  readonly state: BoxView['state'];
  readonly phase?: string;
  readonly attestation?: Attestation;
  readonly package?: { readonly key: string; readonly version: string };
  readonly events: readonly BoxEvent[];
  readonly warnings: readonly string[];
};

const mostRefusals = 5;

export function viewBox(
  { state, phase, attestation, package: installed, events, warnings }: BoxFacts,
  now: number,
): BoxView {
  const refusals = events.filter((event) => event.type === 'refused');
  const said = [...new Set(refusals.map(describeRefusal))];
  return {
    state,
    ...(phase === undefined ? {} : { phase }),
    ...(attestation === undefined
      ? {}
      : {
          backend: attestation.backend,
          versions: attestation.versions,
          kernel: attestation.kernel,
          uid: attestation.uid,
          profileHash: attestation.profileHash,
          provedAtMs: attestation.at,
          ageMs: Math.max(0, now - attestation.at),
          attempts: attestation.probes.length,
          enforced: attestation.enforced,
          notEnforceable: attestation.notEnforceable,
        }),
    ...(installed === undefined ? {} : { package: installed }),
    ...(refusals.length === 0
      ? {}
      : {
          refused: {
            count: refusals.reduce((sum, event) => sum + event.count, 0),
            last: said.slice(-mostRefusals),
          },
        }),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

/** A few words for a list of servers. */
export function describeBox(box: BoxView): string {
  switch (box.state) {
    case 'boxed':
      return `boxed (${box.backend}, ${box.attempts} attempts held, ${describeAge(box.ageMs ?? 0)})`;
    case 'weak':
      return `weak box (${box.backend}): ${box.notEnforceable?.length} not enforced`;
    case 'none':
      return 'NO BOX: it runs with your rights';
    case 'refused':
      return 'no box, so not started';
    default:
      return box.phase ?? 'preparing';
  }
}

export function describeAge(ms: number): string {
  if (ms < 60_000) return 'just now';
  const minutes = Math.floor(ms / 60_000);
  return minutes < 120 ? `${minutes} min ago` : `${Math.floor(minutes / 60)} h ago`;
}
