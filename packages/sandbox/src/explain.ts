import type { BoxPlan } from './plan.ts';
import { isWithin } from './profile/paths.ts';

const bytes = (value: number): string =>
  value >= 2 ** 30
    ? `${+(value / 2 ** 30).toFixed(1)} GiB`
    : value >= 2 ** 20
      ? `${+(value / 2 ** 20).toFixed(1)} MiB`
      : `${+(value / 2 ** 10).toFixed(1)} KiB`;

const list = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;

function explainFiles(plan: BoxPlan): string[] {
  const of = (kind: string): string[] => plan.mounts.filter((mount) => mount.kind === kind).map(({ path }) => path);
  const reads = of('read').filter((path, _index, all) => !all.some((other) => other !== path && isWithin(path, other)));
  const hidden = [...of('hide-file'), ...of('hide-directory')];
  const kept = of('keep-missing');
  return [
    `It reads the system's programs and libraries${reads.length > 0 ? `, ${list(reads)}` : ''}, and nothing else.`,
    of('write').length > 0
      ? `It writes to ${list(of('write'))}; to /tmp, /dev/shm and its home directory, which are its own and vanish with it; and nowhere else.`
      : 'It writes to /tmp, /dev/shm and its home directory, which are its own and vanish with it, and nowhere else.',
    ...(hidden.length > 0 ? [`Hidden from it: ${list(hidden)}.`] : []),
    ...(kept.length > 0 ? [`It cannot create ${list(kept)}.`] : []),
  ];
}

function explainNetwork({ network, brokered }: BoxPlan): string[] {
  if (network.allowed.length === 0)
    return ['It has no network: no connection, no name look-up, not even to this machine.'];
  const names = network.allowed.map(({ kind, host, port }) => {
    const name = kind === 'wildcard' ? `every name below ${host}` : host;
    return port === 443 ? `${name} (over TLS)` : `${name} port ${port}`;
  });
  return [
    `It connects to ${list(names)}, and to nothing else.${network.denied.length > 0 ? ` Never to ${list(network.denied.map(({ text }) => text))}.` : ''}`,
    'A name that leads to a private address, to this machine or to a metadata service is refused.',
    ...(network.allowed.some(({ kind }) => kind === 'wildcard')
      ? ['For wildcards it also finds a proxy in its environment.']
      : []),
    ...brokered.map(
      ({ variable, domain, rule }) =>
        `${variable} is a placeholder: the real value is put into the header ${rule.header} of requests to ${domain.host}, outside the box.`,
    ),
  ];
}

function explainLimits({ limits }: BoxPlan): string {
  const parts = [
    `${bytes(limits.memoryBytes)} of memory`,
    `${limits.processes} processes and threads`,
    `${limits.openFiles} open files each`,
    `${bytes(limits.tmpBytes)} in each of its temporary directories`,
    `${bytes(limits.fileBytes)} a file`,
    `${bytes(limits.stdoutBytesPerSecond)} of output a second`,
    ...(limits.cpuPercent === undefined ? [] : [`${limits.cpuPercent} % of a processor core`]),
    ...(limits.cpuMs === undefined ? [] : [`${limits.cpuMs / 1000} s of processor time`]),
    ...(limits.wallMs === undefined ? [] : [`${limits.wallMs / 1000} s of life`]),
  ];
  return `At most: ${list(parts)}.`;
}

/** What a box allows, one sentence an entry, for people. Says what was planned; what holds here is in the attestation. */
export function explainBox(plan: BoxPlan): string[] {
  const declared = Object.keys(plan.environment).filter((name) => !['PATH', 'HOME', 'LANG', 'TMPDIR'].includes(name));
  const secret = plan.secrets.map(({ variable }) => variable);
  return [
    `${plan.name} runs ${[plan.file, ...plan.args].join(' ')} in ${plan.cwd}.`,
    ...explainFiles(plan),
    ...explainNetwork(plan),
    plan.spawn
      ? 'It may start other processes, inside the same box.'
      : 'It may not start other processes; threads work.',
    ...(plan.unixSockets ? ['It may open unix sockets, also those in the directories it may read.'] : []),
    `Its environment holds PATH, HOME, LANG and TMPDIR${declared.length > 0 ? `, ${list(declared)}` : ''}${secret.length > 0 ? `, and the secrets ${list(secret)}` : ''}.`,
    explainLimits(plan),
    ...(plan.enforcement === 'best-effort'
      ? ['It starts even where some of this cannot be enforced (best-effort).']
      : []),
  ];
}
