/**
 * Decisions: `node --conditions=@sekisho/source bench/decide.ts` prints a section of markdown. Seconds are of processor, for
 * the machine is shared.
 */
import { cpus } from 'node:os';
import { createPolicy, listItem, type PolicyRule, type Principal } from '@sekisho/policy';

const ROUNDS = 5;
const rules: PolicyRule[] = Array.from({ length: 20 }, (_, i) => ({
  id: `rule-${i}`,
  effect: i % 5 === 4 ? 'deny' : 'allow',
  roles: i % 2 === 0 ? ['reader'] : ['writer', 'admin'],
  servers: [`server-${i % 4}`],
  methods: ['tools/call'],
  tools: i % 5 === 4 ? ['delete_*', 'drop_*'] : [`get_${i}_*`, 'search', 'list_*'],
}));
const document = {
  roles: { reader: { groups: ['staff'] }, writer: { scopes: ['mcp:write'] }, admin: { groups: ['ops'] } },
  rules,
};
const principals: Principal[] = Array.from({ length: 1000 }, (_, i) =>
  Object.freeze({
    key: `iss|user-${i}`,
    groups: ['staff', `team-${i % 10}`],
    scopes: i % 3 === 0 ? ['mcp:write'] : [],
  }),
);
const tools = Array.from({ length: 500 }, (_, i) => `${['get_2', 'search', 'list', 'delete'][i % 4]}_${i}`);
const targets = tools.map((tool, i) => ({ server: `server-${i % 4}`, method: 'tools/call', tool }));
const names = tools.map((name) => ({ name }));

const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Runs per second of processor, the median of several rounds of half a second. */
function perSecond(step: (i: number) => void): number {
  const rounds = Array.from({ length: ROUNDS + 1 }, () => {
    const [start, wall] = [cpu(), performance.now()];
    let count = 0;
    do {
      for (let k = 0; k < 50; k++) step(count++);
    } while (performance.now() - wall < 500);
    return count / (cpu() - start);
  });
  // The first round is for the compiler.
  return rounds.slice(1).toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
}

const policy = createPolicy({ document });
const when = "args.limit <= 100.0 && principal.key.startsWith('iss|')";
const conditional = createPolicy({ document: { ...document, rules: rules.map((rule) => ({ ...rule, when })) } });
const args = { limit: 10, text: 'x' };
const someTools = targets.slice(0, 40);
const fresh = (i: number): Principal => ({ ...principals[i % 1000]! });

const results: [string, number][] = [
  [
    'decide, no condition, 1,000 principals and 500 tools',
    perSecond((i) => void policy.decide({ principal: principals[i % 1000]!, target: targets[i % 500]! })),
  ],
  [
    'decide, conditions in every rule',
    perSecond(
      (i) => void conditional.decide({ principal: principals[i % 1000]!, target: someTools[i % 40]!, arguments: args }),
    ),
  ],
  [
    'decide, a principal that was never seen before',
    perSecond((i) => void policy.decide({ principal: fresh(i), target: targets[i % 500]! })),
  ],
  [
    'filter a list of 500 tools',
    perSecond(
      (i) =>
        void policy.filter({ principal: principals[i % 1000]! }, names, ({ name }) =>
          listItem('tools/list', 'server-1', name),
        ),
    ),
  ],
  [
    'filter a list of 500 tools, conditions in every rule',
    perSecond(
      (i) =>
        void conditional.filter({ principal: principals[i % 1000]! }, names, ({ name }) =>
          listItem('tools/list', 'server-1', name),
        ),
    ),
  ],
];
const rate = (value: number): string =>
  value >= 1e6 ? `${(value / 1e6).toFixed(2)}M` : `${(value / 1e3).toFixed(1)}k`;
console.log(`### Policy decisions

Node ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model}, shared with other work; 20 rules, median of ${ROUNDS} rounds of 500 ms. Seconds are of processor, not of the clock on the wall.

| | per second | us each |
| --- | --- | --- |
${results.map(([what, value]) => `| ${what} | ${rate(value)} | ${(1e6 / value).toFixed(2)} |`).join('\n')}

\`node --conditions=@sekisho/source packages/policy/bench/decide.ts\``);
