import type { SandboxedChild } from './child.ts';
import { diagnose, type Diagnosis } from './diagnose.ts';
import type { Sandbox } from './create-sandbox.ts';
import type { BoxEvent } from './network/events.ts';
import type { BoxSpec } from './plan.ts';
import { mergeProfile } from './profile/merge.ts';
import type { SandboxProfile } from './profile/profile.ts';

export interface LearnOptions {
  /** Uses the server as it will be used, and resolves when it has seen enough. Also when the server has ended. */
  exercise: (child: SandboxedChild) => Promise<void>;
  /** Asked before a permission is tried in the next round. Default: every one but writes outside `mayWrite` is tried. */
  accept?: (diagnosis: Diagnosis) => boolean;
  /** Rounds at most. Default 8; 1 to 50. */
  rounds?: number;
}

export interface Learned {
  /** The smallest profile that was found: the given one, and what each round lacked. */
  profile: SandboxProfile;
  /** What was added, in order, with the reason. */
  steps: readonly Diagnosis[];
  /** What was lacking and not accepted, or has no permission that would help. */
  open: readonly Diagnosis[];
  /**
   * Files that are there, and that it tried to open in vain without a word in the last round. Seen where strace is installed; whether it
   * needs them is for people to judge, so they are not in the profile.
   */
  silent: readonly string[];
  /** True where the last round lacked nothing. */
  complete: boolean;
}

/** Hosts that were reached, or would have been if they were up; what is refused for good reason stays refused. */
function wanted(events: readonly BoxEvent[]): SandboxProfile {
  const hosts = events.flatMap((event) => {
    const meant =
      event.type === 'connection' ||
      (event.type === 'refused' &&
        event.port > 0 &&
        (event.reason === 'unreachable' || event.reason === 'lookup-failed'));
    return meant ? [event.port === 443 ? event.host : `${event.host}:${event.port}`] : [];
  });
  return { network: { allowedDomains: [...new Set(hosts)] } };
}

/**
 * Runs a server with what its profile allows, watches what it lacks, adds that, and runs it again, until a round lacks nothing. Hosts are
 * seen as they are asked for: they are let through in the learning box, private addresses excepted, and recorded. Files are seen by the
 * complaint that they cause; what a server tries and hides its failure of is told apart, and only where strace is installed.
 */
export async function learn(
  sandbox: Sandbox,
  spec: BoxSpec,
  { exercise, accept = () => true, rounds = 8 }: LearnOptions,
): Promise<Learned> {
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 50)
    throw new TypeError('rounds must be a whole number from 1 to 50');
  let profile: SandboxProfile = spec.profile ?? {};
  const steps: Diagnosis[] = [];
  const open: Diagnosis[] = [];
  let unsaid: string[] = [];
  for (let round = 0; round < rounds; round++) {
    const { lacking, used, silent } = await observe(sandbox, { ...spec, profile }, exercise);
    const grantable = lacking.filter(({ proposal }) => proposal !== undefined);
    const next = grantable.filter(
      (diagnosis) => accept(diagnosis) && !steps.some(({ cause }) => cause === diagnosis.cause),
    );
    open.splice(0, open.length, ...lacking.filter((diagnosis) => !next.includes(diagnosis)));
    for (const host of used.network?.allowedDomains ?? [])
      if (!(profile.network?.allowedDomains ?? []).includes(host))
        steps.push({ cause: `it connects to ${host}`, proposal: { network: { allowedDomains: [host] } } });
    profile = (used.network?.allowedDomains ?? []).length > 0 ? mergeProfile(profile, used) : profile;
    unsaid = silent.filter((path) => !lacking.some(({ cause }) => cause.includes(path)));
    if (next.length === 0) return { profile, steps, open, silent: unsaid, complete: open.length === 0 };
    for (const diagnosis of next) {
      steps.push(diagnosis);
      profile = mergeProfile(profile, diagnosis.proposal!);
    }
  }
  return { profile, steps, open, silent: unsaid, complete: false };
}

async function observe(
  sandbox: Sandbox,
  spec: BoxSpec,
  exercise: LearnOptions['exercise'],
): Promise<{ lacking: Diagnosis[]; used: SandboxProfile; silent: string[] }> {
  const events: BoxEvent[] = [];
  const child = await sandbox.startLearning(spec, (event) => events.push(event));
  child.stdout.resume();
  child.stderr.resume();
  try {
    await Promise.race([exercise(child), child.exited]);
  } finally {
    await child.stop();
  }
  const { stderrTail, reason } = await child.exited;
  return {
    lacking: diagnose(child.plan, { stderr: stderrTail, reason, events }),
    used: wanted(events),
    silent: child.trace?.paths() ?? [],
  };
}
