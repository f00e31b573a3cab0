import type { Sandbox } from '../create-sandbox.ts';
import { diagnose } from '../diagnose.ts';
import { SandboxError } from '../errors.ts';
import type { SandboxProfile } from '../profile/profile.ts';

export interface InstallStep {
  command: string;
  args: readonly string[];
  profile: SandboxProfile;
  /** Written to standard input. */
  input?: string;
  timeoutMs: number;
  /** Recognises a refusal of changed content in what the package manager says. */
  integrityFailure: RegExp;
  what: string;
}

const MIB = 2 ** 20;
const LIMITS = {
  memoryBytes: 2048 * MIB,
  tmpBytes: 1024 * MIB,
  fileBytes: 1024 * MIB,
  processes: 256,
  openFiles: 4096,
};

/** Runs one step of an installation to its end, in a box of its own. */
export async function runInstallStep(
  sandbox: Sandbox,
  { command, args, profile, input, timeoutMs, integrityFailure, what }: InstallStep,
): Promise<void> {
  const child = await sandbox.start({
    command,
    args,
    name: `install ${what}`,
    profile: { ...profile, limits: { ...LIMITS, wallMs: timeoutMs } },
  });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.resume();
  child.stdin.end(input ?? '');
  const { code, reason, stderrTail } = await child.exited;
  if (code === 0) return;
  const said = `${stderrTail}\n${Buffer.concat(output).toString('utf8').slice(-4000)}`;
  if (integrityFailure.test(said))
    throw new SandboxError(
      'ERR_SANDBOX_INTEGRITY_CHANGED',
      `The registry serves other content for ${what} than was approved.`,
      { remedy: 'find out why; approvePackage resolves it anew.' },
    );
  const [first] = diagnose(child.plan, { stderr: said, reason });
  throw new SandboxError(
    'ERR_SANDBOX_INSTALL_FAILED',
    `${what} could not be installed (${reason}, code ${code}): ${first?.cause ?? complaint(said)}.`,
  );
}

/** The first lines that complain, else the last ones. */
function complaint(said: string): string {
  const lines = said.trim().split('\n');
  const complaining = lines.filter((line) => /error|fail/i.test(line));
  return (complaining.length > 0 ? complaining.slice(0, 3) : lines.slice(-3)).join(' ').slice(0, 500);
}
