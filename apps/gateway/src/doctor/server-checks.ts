import { readBoxLaunch } from '../config/box-launch.ts';
import { danger, note, warning, type Check } from './finding.ts';

/** The servers and the boxes around them. */
export const serverChecks: readonly Check[] = [
  {
    id: 'boxes',
    title: 'Every server that runs here is to run in a box',
    when: 'deployment',
    find: ({ config }) =>
      config.servers.flatMap(({ name, spec }) =>
        spec?.kind === 'stdio' && spec.enabled !== false && readBoxLaunch(spec.launch)?.none === true
          ? [
              danger(
                `"${name}" is to run without a box, with all rights of the gateway.`,
                'Take "backend": "none" out of its "sandbox".',
              ),
            ]
          : [],
      ),
  },
  {
    id: 'box-proof',
    title: 'Every box was proved, and holds in full',
    when: 'running',
    find: ({ running }) =>
      (running?.upstreams ?? []).flatMap(({ name, box }) => {
        if (box === undefined) return [];
        if (box.state === 'none')
          return [danger(`"${name}" runs without a box.`, 'Take "backend": "none" out of its "sandbox".')];
        if (box.state === 'refused')
          return [
            danger(
              `"${name}" was not started: its box could not be proved.`,
              `Look at it with: sekisho sandbox explain ${name}`,
            ),
          ];
        return box.state === 'weak'
          ? [
              warning(
                `The box of "${name}" does not enforce: ${(box.notEnforceable ?? []).join(', ')}.`,
                'Run on a system that can, or set its "enforcement" to "required".',
              ),
            ]
          : [];
      }),
  },
  {
    id: 'servers',
    title: 'Every server is up',
    when: 'running',
    find: ({ running }) =>
      (running?.upstreams ?? [])
        .filter(({ state }) => state === 'failed' || state === 'backoff')
        .map(({ name, state }) => warning(`"${name}" is down (${state}).`, 'See why with: sekisho status')),
  },
  {
    id: 'restarts',
    title: 'No server falls down again and again',
    when: 'running',
    find: ({ running }) =>
      (running?.upstreams ?? [])
        .filter(({ restarts = 0 }) => restarts >= 5)
        .map(({ name, restarts }) =>
          warning(`"${name}" was started again ${restarts} times.`, 'Run its command by hand and see what it says.'),
        ),
  },
  {
    id: 'definitions',
    title: 'What servers say of their tools hides nothing',
    when: 'running',
    find: ({ running }) =>
      (running?.problems ?? [])
        .filter((problem) => problem.includes(' invisible character'))
        .map((problem) => danger(problem, 'Disable the server until whoever wrote it has explained that.')),
  },
  {
    id: 'egress',
    title: 'No box may reach every host',
    when: 'deployment',
    find: ({ config }) =>
      config.servers.flatMap(({ name, spec }) => {
        const profile = spec?.kind === 'stdio' ? readBoxLaunch(spec.launch)?.profile : undefined;
        return (profile?.network?.allowedDomains ?? [])
          .filter((domain) => /^\*(?:\.[^.]+)?(?::\d+)?$/.test(domain))
          .map((domain) => note(`"${name}" may reach ${domain}.`, 'Name the hosts that it needs.'));
      }),
  },
];
