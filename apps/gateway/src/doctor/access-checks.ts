import { danger, note, warning, type Check } from './finding.ts';

const DAY_MS = 86_400_000;

/** Who is calling, what they may do, and how much. */
export const accessChecks: readonly Check[] = [
  {
    id: 'authentication',
    title: 'Everybody who calls is known by more than an address',
    when: 'deployment',
    find: ({ config }) =>
      config.settings.auth === undefined && config.settings.listen?.trustedProxies !== undefined
        ? [
            danger(
              'A proxy brings callers from elsewhere, and only the local key tells who they are.',
              'Add "auth" with your identity provider, or keys for each caller.',
            ),
          ]
        : [],
  },
  {
    id: 'key-rotation',
    title: 'API keys expire within a year, are used, and are not older than half a year',
    when: 'deployment',
    find: ({ keys, nowMs }) =>
      keys.flatMap(({ id, label, createdMs, expiresMs, lastUsedMs }) => {
        const name = label === '' ? id : `"${label}" (${id})`;
        const ageDays = Math.floor((nowMs - createdMs) / DAY_MS);
        const rotate = `sekisho keys rotate ${id}`;
        if (ageDays > 180) return [warning(`The key ${name} is ${ageDays} days old.`, `Rotate it: ${rotate}`)];
        if ((expiresMs - nowMs) / DAY_MS > 400 && label !== 'local')
          return [note(`The key ${name} lives for more than a year.`, `Give it an earlier end: ${rotate}`)];
        if (lastUsedMs === undefined && ageDays > 90)
          return [note(`The key ${name} was never used.`, `Take it back: sekisho keys revoke ${id}`)];
        return [];
      }),
  },
  {
    id: 'policy',
    title: 'A policy says who may use what',
    when: 'deployment',
    find: ({ config }) => {
      const { policy, auth } = config.settings;
      if (policy !== undefined) return [];
      return auth === undefined
        ? [
            note(
              'There is no policy: the owner of this computer may use everything.',
              'Add "policy" when others come; without a rule they may use nothing.',
            ),
          ]
        : [
            danger(
              'Callers sign in, and no policy says what they may use: they may use nothing.',
              'Add "policy" with at least one rule that allows.',
            ),
          ];
    },
  },
  {
    id: 'policy-breadth',
    title: 'No rule allows everything to everybody',
    when: 'deployment',
    find: ({ config }) =>
      (config.settings.policy?.rules ?? [])
        .filter(
          (rule) =>
            rule.effect === 'allow' &&
            rule.roles?.includes('*') &&
            rule.servers === undefined &&
            rule.tools === undefined &&
            rule.when === undefined,
        )
        .map(({ id }) =>
          warning(
            `The rule "${id}" allows everything to everybody who signs in.`,
            'Name the servers, tools or roles that are meant.',
          ),
        ),
  },
  {
    id: 'shadow',
    title: 'No rule is only watched',
    when: 'deployment',
    find: ({ config, running }) => [
      ...(config.settings.policy?.rules ?? [])
        .filter(({ mode }) => mode === 'shadow')
        .map(({ id }) => {
          const count = running?.policy?.divergences.find(({ ruleId }) => ruleId === id)?.count;
          const so = count === undefined ? '' : `; it would have decided otherwise ${count} times`;
          return note(`The rule "${id}" of the policy is only watched${so}.`, 'Take its "mode" out to enforce it.');
        }),
      ...(config.settings.rateLimit?.limits?.rules ?? [])
        .filter(({ mode }) => mode === 'shadow')
        .map(({ name }) => note(`The limit "${name}" is only watched.`, 'Take its "mode" out to enforce it.')),
    ],
  },
  {
    id: 'limits',
    title: 'Limits say how much one caller may use',
    when: 'deployment',
    find: ({ config }) => {
      const { rateLimit, auth } = config.settings;
      if ((rateLimit?.limits?.rules.length ?? 0) > 0) return [];
      return auth === undefined
        ? [
            note(
              'There are no limits: one client can keep a server from the others.',
              'Add "rateLimit" with a rule for each principal.',
            ),
          ]
        : [
            warning(
              'There are no limits: one caller can keep all servers from the others.',
              'Add "rateLimit" with a rule for each principal.',
            ),
          ];
    },
  },
  {
    id: 'limit-store',
    title: 'The store of the limits answers',
    when: 'running',
    find: ({ running }) =>
      running?.limits?.state === 'degraded'
        ? [
            danger(
              `The store of the limits has not answered for ${Math.round((running.limits.degradedForMs ?? 0) / 1000)} s.`,
              'Look after Redis; until then each rule does what it says for that.',
            ),
          ]
        : [],
  },
  {
    id: 'rule-failures',
    title: 'Every rule of the policy can be judged',
    when: 'running',
    find: ({ running }) =>
      (running?.policy?.failures ?? []).map(({ ruleId, count }) =>
        warning(
          `The condition of the rule "${ruleId}" failed ${count} times; each time was a denial.`,
          `Look at it with: sekisho policy explain`,
        ),
      ),
  },
];
