/** Decisions by Cedar: `node --conditions=@sekisho/source bench/cedar.ts` prints a section of markdown. Seconds are of processor. */
import { createPolicy, type Principal } from '@sekisho/policy';
import { createCedarPolicy } from '@sekisho/policy/cedar';

const ROUNDS = 5;
const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
const loading = cpu();
const engine = await import('@cedar-policy/cedar-wasm/nodejs');
const loadMs = (cpu() - loading) / 1000;
const principals: Principal[] = Array.from({ length: 100 }, (_, i) =>
  Object.freeze({ key: `iss|user-${i}`, groups: ['staff'] }),
);
const cedar = createCedarPolicy({
  engine,
  policies: {
    ...Object.fromEntries(
      Array.from({ length: 18 }, (_, i) => [
        `rule-${i}`,
        `permit(principal in Mcp::Group::"team-${i}", action, resource in Mcp::Server::"server-${i}");`,
      ]),
    ),
    read: 'permit(principal in Mcp::Group::"staff", action, resource in Mcp::Server::"git") when { resource.name like "get_*" };',
    push: 'permit(principal in Mcp::Group::"staff", action, resource == Mcp::Tool::"git/push") when { context.args.branch != "main" };',
  },
});
const own = createPolicy({
  document: {
    roles: { staff: { groups: ['staff'] } },
    rules: [
      { id: 'read', effect: 'allow', roles: ['staff'], servers: ['git'], tools: ['get_*'] },
      {
        id: 'push',
        effect: 'allow',
        roles: ['staff'],
        servers: ['git'],
        tools: ['push'],
        when: "args.branch != 'main'",
      },
    ],
  },
});

/** Microseconds each, the median of several rounds of 300 ms after one for the compiler. */
function each(step: (i: number) => void): number {
  const rounds = Array.from({ length: ROUNDS + 1 }, () => {
    const [start, wall] = [cpu(), performance.now()];
    let count = 0;
    do step(count++);
    while (performance.now() - wall < 300);
    return (cpu() - start) / count;
  });
  return rounds.slice(1).toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
}

const target = (tool: string) => ({ server: 'git', method: 'tools/call', tool });
const remembered = (i: number) => ({ principal: principals[i % 10]!, target: target(`get_${i % 5}`) });
const fresh = (i: number) => ({ principal: { ...principals[0]! }, target: target(`get_${i}`) });
const conditional = (i: number) => ({
  principal: principals[i % 100]!,
  target: target('push'),
  arguments: { branch: 'x' },
});
const rows = [
  ['remembered', remembered],
  ['seen for the first time', fresh],
  ['with a condition on arguments', conditional],
] as const;
console.log(`### Policy decisions by Cedar

Node ${process.versions.node}; 20 policies, \`@cedar-policy/cedar-wasm\` loaded in ${loadMs.toFixed(0)} ms of processor; microseconds each, beside the rules of this package.

| | Cedar | rules |
| --- | --- | --- |
${rows.map(([what, make]) => `| decide, ${what} | ${each((i) => void cedar.decide(make(i))).toFixed(2)} | ${each((i) => void own.decide(make(i))).toFixed(2)} |`).join('\n')}

\`node --conditions=@sekisho/source packages/policy/bench/cedar.ts\``);
