import { basename } from 'node:path';
import { BoxError } from './box-error.ts';
import { capital } from './box-parts.ts';
import {
  diagnose,
  mergeProfile,
  readRunner,
  type BoxPlan,
  type Diagnosis,
  type Failure,
  type SandboxProfile,
} from '@sekisho/sandbox';

const runners = new Set(['npx', 'npm', 'pnpm', 'pnpx', 'yarn', 'bunx', 'uv', 'uvx', 'pipx']);
const containers = new Set(['docker', 'podman', 'nerdctl']);

const installFirst =
  'Write "npx -y package@version" or "uvx package@version" without further flags, which is installed beforehand; or install the package and name its program.';
/** These do nothing but install and run. */
const installers = new Set(['npx', 'pnpx', 'bunx', 'uvx', 'pipx']);

/** A form of `npx` and its like that cannot be split in two, in a box without a network: it could only hang. */
export function refuseInstaller(
  { command, args }: { readonly command: string; readonly args: readonly string[] },
  profile: SandboxProfile,
): BoxError | undefined {
  const program = basename(command);
  if (!installers.has(program) || readRunner(command, args) !== undefined) return undefined;
  if ((profile.network?.allowedDomains ?? []).length > 0) return undefined;
  const message = `This form of ${program} installs while it runs, and its box has no network.`;
  return new BoxError('ERR_SANDBOX_INSTALL_FAILED', message, { remedy: installFirst, permanent: true });
}

/** What to tell the operator of a server that did not come up in its box: the cause, and the permission as text to paste. */
export function adviseBox(
  spec: { readonly name: string; readonly command: string; readonly args: readonly string[] },
  profile: SandboxProfile,
  plan: BoxPlan,
  failure: Failure,
): string | undefined {
  const found = diagnose(plan, failure);
  const program = basename(spec.command);
  if (containers.has(program))
    return `${program} brings a box of its own, but its client needs the daemon's socket, which is as good as root. If you accept that: "x-sekisho": { "sandbox": { "backend": "none", "iUnderstand": "..." } }.`;
  if (runners.has(program) && readRunner(spec.command, spec.args) === undefined)
    return `${capital(program)} may want to install something, which takes the network. ${installFirst}`;
  if (found.length === 0) return undefined;
  const causes = found.map(({ cause, remedy }) => (remedy === undefined ? cause : `${cause} (${remedy})`)).join('; ');
  const text = proposalText(profile, found);
  const lead = `${causes[0]!.toUpperCase()}${causes.slice(1)}.`;
  return text === undefined ? lead : `${lead} If you agree, put into the entry of "${spec.name}": ${text}`;
}

/** The sections to paste, with what the profile grants in them already, so that nothing is lost; on one line. */
export function proposalText(profile: SandboxProfile, found: readonly Diagnosis[]): string | undefined {
  const proposals = found.flatMap(({ proposal }) => (proposal === undefined ? [] : [proposal]));
  if (proposals.length === 0) return undefined;
  const { filesystem, network, limits } = profile;
  const base: SandboxProfile = {
    ...(filesystem === undefined ? {} : { filesystem }),
    ...(network === undefined ? {} : { network }),
    ...(limits === undefined ? {} : { limits }),
  };
  const merged = proposals.reduce(mergeProfile, base);
  const touched = new Set(proposals.flatMap((proposal) => Object.keys(proposal)));
  const sandbox = Object.fromEntries(
    Object.entries(merged)
      .filter(([key]) => touched.has(key))
      .map(withoutEmpty),
  );
  return `"x-sekisho": { "sandbox": ${JSON.stringify(sandbox)} }`;
}

function withoutEmpty([key, value]: [string, unknown]): [string, unknown] {
  if (typeof value !== 'object' || value === null) return [key, value];
  return [key, Object.fromEntries(Object.entries(value).filter(([, item]) => !Array.isArray(item) || item.length > 0))];
}
