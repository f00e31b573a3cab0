import { z } from 'zod';
import type { Invocation } from '../arguments.ts';
import { exitCodes } from '../commands-table.ts';
import { print, type Io } from '../io.ts';
import { boxProblems, boxWords } from '../box-lines.ts';
import { findOwnKey, KEY_VARIABLE, keyHeader } from '../own-key.ts';
import { describeState, mark } from '../progress.ts';
import { describeEra, remedyOf, type ServerView } from '../server-view.ts';
import { describeLimits, type LimitsView } from '../../mount/limits-view.ts';
import { createTerminal, oneLine } from '../terminal.ts';

const timeoutMs = 5000;
const ruleCount = z.looseObject({ ruleId: z.string(), count: z.number() });
/** Left out by a gateway of an older version. */
const policySchema = z.looseObject({
  mode: z.string(),
  divergences: z.array(ruleCount.extend({ wouldBe: z.string() })),
  failures: z.array(ruleCount),
});
const answerSchema = z.looseObject({
  version: z.string(),
  url: z.string(),
  sessions: z.number(),
  upstreams: z.array(z.looseObject({ name: z.string(), state: z.string(), refused: z.array(z.unknown()) })),
  problems: z.array(z.string()),
  policy: policySchema.optional(),
  limits: z.looseObject({ store: z.string(), rules: z.array(z.unknown()) }).optional(),
});

/** What the policy has to tell: rules that fail, and what rules in shadow mode would change. */
function describePolicy(policy: z.infer<typeof policySchema> | undefined): string[] {
  if (policy === undefined) return [];
  const closed =
    policy.mode === 'nothing'
      ? ['policy: callers sign in, and no policy says what they may use: everything is denied']
      : [];
  const failures = policy.failures.map(
    ({ ruleId, count }) =>
      `policy: the condition of rule "${oneLine(ruleId, 80)}" failed ${times(count)}, which denied`,
  );
  const divergences = policy.divergences.map(
    ({ ruleId, count, wouldBe }) =>
      `policy: rule "${oneLine(ruleId, 80)}" is in shadow mode; enforced, it would have ${wouldBe === 'deny' ? 'denied' : 'allowed'} ${times(count)}`,
  );
  return [...closed, ...failures, ...divergences];
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

/** `sekisho status`: asks a running gateway. Fails when a server has failed, so that scripts can tell. */
export async function runStatus({ flags }: Invocation, io: Io): Promise<number> {
  const base =
    flags.url === undefined
      ? `http://127.0.0.1:${flags.port === undefined ? '7300' : String(flags.port)}`
      : String(flags.url);
  const address = URL.parse('/status', base);
  if (address === null) {
    print(io.stderr, `"${base}" is not an address.`);
    return exitCodes.usage;
  }
  let body: unknown;
  try {
    const key = await findOwnKey(address, io);
    const response = await fetch(address, {
      headers: key === undefined ? {} : keyHeader(key),
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.status === 401 || response.status === 403) {
      await response.body?.cancel();
      print(io.stderr, describeNoEntry(address, key, response.status, io));
      return exitCodes.failure;
    }
    body = await response.json();
    if (!response.ok) throw new Error(`it answers ${response.status}`);
  } catch (thrown) {
    const cause =
      thrown instanceof Error
        ? ((thrown.cause as { code?: string } | undefined)?.code ?? thrown.message)
        : String(thrown);
    print(io.stderr, `No Sekisho answers at ${address.origin} (${oneLine(cause)}). Start one with: ${io.program}`);
    return exitCodes.unreachable;
  }
  const parsed = answerSchema.safeParse(body);
  if (!parsed.success) {
    print(io.stderr, `What answers at ${address.origin} is not a Sekisho that this one understands.`);
    return exitCodes.unreachable;
  }
  const { version, url, upstreams, sessions, problems, policy } = parsed.data;
  const servers = upstreams as unknown as ServerView[];
  const failed = servers.some(({ state }) => state === 'failed' || state === 'backoff');
  if (flags.json === true) print(io.stdout, JSON.stringify(parsed.data, null, 2));
  else {
    const terminal = createTerminal(io.stdout, io.env);
    print(
      io.stdout,
      `Sekisho ${oneLine(version, 40)}  ${oneLine(url)}  ${sessions} session${sessions === 1 ? '' : 's'}`,
    );
    const width = Math.max(0, ...servers.map(({ name }) => oneLine(name, 40).length));
    for (const server of servers) {
      print(
        io.stdout,
        `  ${mark(server, terminal)} ${oneLine(server.name, 40).padEnd(width)}  ${describeState(server)}  ${terminal.style.dim(describeEra(server))}  ${boxWords(server, terminal.style)}`.trimEnd(),
      );
      for (const line of boxProblems(server, terminal.style)) print(io.stdout, `      ${line}`);
      for (const line of server.box?.refused?.last ?? []) print(io.stdout, `      refused: ${oneLine(line, 300)}`);
      const remedy = remedyOf(server);
      if (remedy !== undefined) print(io.stdout, `      mend it: ${oneLine(remedy, 300)}`);
      for (const { kind, name, reason } of server.refused)
        print(io.stdout, `      not shown: ${kind} ${oneLine(name, 80)}: ${oneLine(reason, 200)}`);
    }
    if (parsed.data.limits !== undefined)
      for (const line of describeLimits(parsed.data.limits as unknown as LimitsView))
        print(io.stdout, `  ${oneLine(line, 400)}`);
    for (const line of describePolicy(policy)) print(io.stdout, `  ${line}`);
    for (const problem of problems) print(io.stdout, `  ${oneLine(problem, 400)}`);
  }
  return failed ? exitCodes.failure : exitCodes.ok;
}

function describeNoEntry({ origin }: URL, key: string | undefined, status: number, io: Io): string {
  const { program } = io;
  if (key === undefined)
    return `The gateway at ${origin} asks who is calling, and there is no key here that this user can read. Put one with the role "admin" into ${KEY_VARIABLE}, or make yours anew: ${program} keys rotate local`;
  return status === 403
    ? `The gateway at ${origin} tells its state to keys with the role "admin", from this computer.`
    : `The gateway at ${origin} does not accept the key ${io.env[KEY_VARIABLE] === undefined ? 'of this user' : `in ${KEY_VARIABLE}`}. Make another: ${program} keys rotate local`;
}
