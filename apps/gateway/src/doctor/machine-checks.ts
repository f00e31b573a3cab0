import { describeProblem } from '../config/problem.ts';
import { danger, note, warning, type Check } from './finding.ts';

/** The oldest versions of Node.js that still get security fixes. */
const MAINTAINED = new Map([
  [22, '22.19.0'],
  [24, '24.0.0'],
  [26, '26.0.0'],
]);

/** The configuration itself, and the machine around the gateway. */
export const machineChecks: readonly Check[] = [
  {
    id: 'configuration',
    title: 'The configuration says nothing that is wrong or without effect',
    when: 'deployment',
    find: ({ config }) =>
      config.problems.map((problem) => {
        const text = config.secrets.mask(describeProblem({ ...problem, remedy: '' })).trimEnd();
        const remedy = problem.remedy ?? 'Correct the place that is named.';
        return problem.severity === 'error' ? danger(text, remedy) : warning(text, remedy);
      }),
  },
  {
    id: 'file-rights',
    title: 'Files with keys and secrets are their owner’s alone',
    when: 'deployment',
    find: ({ machine: { openFiles } }) =>
      openFiles.map(({ path, reason }) => danger(`${path}: ${reason}.`, `Run: chmod go-rwx ${path}`)),
  },
  {
    id: 'runtime',
    title: 'This Node.js gets security fixes',
    when: 'deployment',
    find: ({ machine: { nodeVersion } }) => {
      const [major, minor] = nodeVersion.replace(/^v/, '').split('.').map(Number) as [number, number];
      const least = MAINTAINED.get(major);
      if (least === undefined)
        return [
          warning(
            `Node.js ${nodeVersion} is not a line with long-term support.`,
            'Use the newest release of Node.js 24.',
          ),
        ];
      return minor < Number(least.split('.')[1])
        ? [warning(`Node.js ${nodeVersion} is older than ${least}.`, 'Update it.')]
        : [];
    },
  },
  {
    id: 'root',
    title: 'The gateway does not run as root',
    when: 'deployment',
    find: ({ machine: { isRoot } }) =>
      isRoot
        ? [
            warning(
              'This is root; a hole in the gateway would be one in the whole machine.',
              'Run it as a user of its own.',
            ),
          ]
        : [],
  },
  {
    id: 'dangerous-environment',
    title: 'Nothing in the environment switches a protection off',
    when: 'deployment',
    find: ({ machine: { env } }) => [
      ...(env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0'
        ? [
            danger(
              'NODE_TLS_REJECT_UNAUTHORIZED=0 is set: programs here accept any certificate.',
              'Unset it; name your own authority in NODE_EXTRA_CA_CERTS.',
            ),
          ]
        : []),
      ...(/--inspect/.test(env['NODE_OPTIONS'] ?? '')
        ? [danger('NODE_OPTIONS opens the debugger: whoever reaches its port runs code as you.', 'Unset it.')]
        : []),
    ],
  },
  {
    id: 'reachable',
    title: 'The gateway runs and answers',
    when: 'deployment',
    find: ({ running }) =>
      running === undefined
        ? [
            note(
              'No gateway answers, so only the configuration and the machine were checked.',
              'Start it and run this again.',
            ),
          ]
        : [],
  },
];
