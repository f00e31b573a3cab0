import { existsSync } from 'node:fs';
import { launch } from '../bubblewrap/launch.ts';
import { type BubblewrapProgram, isAtLeast, locateBubblewrap } from '../bubblewrap/locate.ts';
import { SandboxError } from '../errors.ts';
import { filterArchitecture } from '../seccomp/filter.ts';
import { type BackendReport, everyPermission, type SandboxBackend } from './backend.ts';

export interface BubblewrapOptions {
  /** Where to look for `bwrap`, in order; directories that only root can write. Default the usual ones. */
  places?: readonly string[];
}

const NEEDED = '/usr/bin/prlimit';

/** The one command that installs it, for the distribution at hand. */
export function installRemedy(): string {
  if (existsSync('/usr/bin/apt-get')) return 'apt-get install -y bubblewrap';
  if (existsSync('/usr/bin/dnf')) return 'dnf install -y bubblewrap';
  if (existsSync('/sbin/apk')) return 'apk add bubblewrap util-linux-misc';
  if (existsSync('/usr/bin/pacman')) return 'pacman -S --noconfirm bubblewrap';
  if (existsSync('/usr/bin/zypper')) return 'zypper install -y bubblewrap';
  return 'install the package "bubblewrap" of your distribution';
}

/** Linux: namespaces through bubblewrap, driven directly, with our own seccomp filter. */
export function bubblewrapBackend({ places }: BubblewrapOptions = {}): SandboxBackend {
  let found: Promise<BubblewrapProgram | undefined> | undefined;
  const locate = (): Promise<BubblewrapProgram | undefined> => (found ??= locateBubblewrap(places));
  const examine = async (): Promise<BackendReport> => {
    if (process.platform !== 'linux')
      return {
        usable: false,
        reason: `bubblewrap runs on Linux, and this is ${process.platform}`,
        remedy: 'choose another back end.',
      };
    if (filterArchitecture(process.arch) === undefined)
      return {
        usable: false,
        reason: `there is no system call filter for ${process.arch}`,
        remedy: 'choose the container back end.',
      };
    let program: BubblewrapProgram | undefined;
    try {
      program = await locate();
    } catch (error) {
      found = undefined;
      const reason = `bubblewrap is there and cannot be started (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`;
      return { usable: false, reason, remedy: installRemedy() };
    }
    if (program === undefined) {
      found = undefined; // it may be installed while we run
      return { usable: false, reason: 'bubblewrap (bwrap) is not installed', remedy: installRemedy() };
    }
    if (!isAtLeast(program.parts, [0, 7]))
      return {
        usable: false,
        reason: `bubblewrap ${program.version} cannot limit the size of /tmp`,
        remedy: 'install bubblewrap 0.8.0 or later.',
      };
    if (!existsSync(NEEDED)) return { usable: false, reason: `${NEEDED} is not there`, remedy: 'install util-linux.' };
    return { usable: true, version: program.version };
  };
  return {
    name: 'bubblewrap',
    enforces: everyPermission('enforced'),
    ownsNetwork: true,
    examine,
    async launch(request) {
      const report = await examine();
      if (!report.usable)
        throw new SandboxError('ERR_SANDBOX_BACKEND_UNAVAILABLE', `No box: ${report.reason}.`, {
          remedy: report.remedy,
        });
      return launch({ ...request, bubblewrap: (await locate())! });
    },
  };
}
