import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  createPolicy,
  testPolicy,
  type CaseResult,
  type Explanation,
  type Policy,
  type PolicyCase,
  type PolicyRequest,
} from '@sekisho/policy';
import { policyCasesSchema } from '@sekisho/policy/config';
import { z } from 'zod';
import { readJson5 } from '../../config/formats/json5-reader.ts';
import { findNearest } from '../../config/nearest.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { pinnedAnnotations } from '../../mount/policy-rules.ts';
import type { PolicySection } from '../../mount/policy-section.ts';
import type { Invocation } from '../arguments.ts';
import { exitCodes } from '../commands-table.ts';
import { print, type Io } from '../io.ts';
import { readTarget, type PolicyTarget } from '../policy-target.ts';
import { readConfig } from '../read-config.ts';
import { createTerminal, oneLine, type Terminal } from '../terminal.ts';

const actions = ['test', 'explain'];

/** `sekisho policy test|explain`. Asks the policy of the configuration; starts nothing and calls nobody. */
export async function runPolicy(invocation: Invocation, io: Io): Promise<number> {
  const [action, ...words] = invocation.positionals;
  if (action === 'test' && words.length === 1) return await runTest(words[0]!, invocation, io);
  if (action === 'explain' && words.length === 2) return await runExplain(words as [string, string], invocation, io);
  const nearest = action === undefined || actions.includes(action) ? undefined : findNearest(action, actions);
  const hint = nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
  print(io.stderr, `Write: sekisho policy test <file>, or: sekisho policy explain <principal> <target>.${hint}`);
  return exitCodes.usage;
}

async function runTest(file: string, invocation: Invocation, io: Io): Promise<number> {
  const cases = await readCases(resolve(io.cwd, file));
  if (typeof cases === 'string') {
    print(io.stderr, cases);
    return exitCodes.usage;
  }
  const loaded = await loadPolicy(invocation, io);
  if (typeof loaded === 'number') return loaded;
  const { policy, section } = loaded;
  const results = testPolicy(
    policy,
    cases.map((one) => ({ ...one, target: pinnedTarget(section, one.target) })),
  );
  const failed = results.filter(({ ok }) => !ok);
  if (invocation.flags.json === true)
    print(
      io.stdout,
      JSON.stringify(
        { policyHash: policy.hash, passed: results.length - failed.length, failed: failed.length, results },
        null,
        2,
      ),
    );
  else {
    const terminal = createTerminal(io.stdout, io.env);
    for (const result of results) for (const line of renderResult(result, terminal)) print(io.stdout, line);
    print(io.stdout, `${results.length - failed.length} of ${results.length} decisions are as expected.`);
  }
  return failed.length > 0 ? exitCodes.failure : exitCodes.ok;
}

function renderResult({ name, ok, expected, actual, explanation }: CaseResult, { style }: Terminal): string[] {
  if (ok) return [`  ${style.green('ok')}    ${oneLine(name, 120)}: ${actual}`];
  const ways = explanation?.wouldAllow ?? [];
  return [
    `  ${style.red('FAIL')}  ${oneLine(name, 120)}: expected ${expected}, got ${actual}`,
    ...ways.slice(0, 3).map((way) => `        ${style.dim(oneLine(way, 300))}`),
  ];
}

async function readCases(file: string): Promise<PolicyCase[] | string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (thrown) {
    return `${file} cannot be read (${(thrown as NodeJS.ErrnoException).code ?? 'unknown reason'}).`;
  }
  let value: unknown;
  try {
    ({ value } = readJson5(text));
  } catch (thrown) {
    return `${file} is not JSON: ${oneLine((thrown as Error).message, 200)}`;
  }
  const parsed = policyCasesSchema.safeParse(value);
  return parsed.success ? parsed.data : `${file} is no table of expected decisions:\n${z.prettifyError(parsed.error)}`;
}

async function runExplain([who, what]: [string, string], invocation: Invocation, io: Io): Promise<number> {
  const { flags } = invocation;
  const principal = readPrincipal(who, flags);
  const target = readTarget(what, flags.method === undefined ? undefined : String(flags.method));
  const args = flags.arguments === undefined ? {} : readArguments(String(flags.arguments));
  for (const read of [principal, target, args])
    if (typeof read === 'string') {
      print(io.stderr, read);
      return exitCodes.usage;
    }
  const loaded = await loadPolicy(invocation, io);
  if (typeof loaded === 'number') return loaded;
  const { policy, section } = loaded;
  const explanation = policy.explain({
    principal: principal as PolicyRequest['principal'],
    target: pinnedTarget(section, target as PolicyTarget),
    arguments: args as Record<string, unknown>,
    ...(flags.address === undefined ? {} : { address: String(flags.address) }),
  });
  if (flags.json === true) print(io.stdout, JSON.stringify(explanation, null, 2));
  else for (const line of renderExplanation(explanation, createTerminal(io.stdout, io.env))) print(io.stdout, line);
  return exitCodes.ok;
}

const inWords = {
  none: 'He may.',
  unknown: 'To him it does not exist: it is in no list, and is answered like a name that nobody has.',
  forbidden: 'He sees it in lists and is told no: HTTP 403, code -31403.',
  scope: 'He sees it in lists and is told which scopes are needed: HTTP 403 with a challenge.',
} as const;

function renderExplanation({ decision, roles, rules, wouldAllow }: Explanation, { style }: Terminal): string[] {
  const { effect, reason, ruleId, answer, scopes } = decision;
  const by = ruleId === undefined ? '' : ` by the rule "${ruleId}"`;
  const why = {
    allowed: '',
    denied: '',
    'no-rule': ': no rule allows it',
    scope: `: scopes ${scopes.join(' ')} are needed`,
    error: ': a condition failed',
    malformed: ': the target cannot be judged',
  }[reason];
  return [
    `${style.bold(effect === 'allow' ? 'allowed' : 'denied')}${by}${why}. ${inWords[answer]}`,
    `Roles: ${roles.length === 0 ? 'none but *' : roles.join(', ')}`,
    ...rules.map(
      ({ ruleId: id, effect: rule, shadow, applies, missing }) =>
        `  ${applies ? style.green('applies') : style.dim('not')}  ${id} (${rule}${shadow ? ', shadow' : ''})${applies ? '' : `: it wants ${oneLine(missing.join(' and '), 300)}`}`,
    ),
    ...(wouldAllow.length === 0 ? [] : ['What would allow it:', ...wouldAllow.map((way) => `  ${oneLine(way, 300)}`)]),
  ];
}

const principalFlags = { role: 'roles', group: 'groups', scope: 'scopes' } as const;

/** An id, with what else is known of its holder in flags; or a whole principal as JSON. */
function readPrincipal(text: string, flags: Invocation['flags']): PolicyRequest['principal'] | string {
  if (text.startsWith('{')) {
    const parsed = policyCasesSchema.element.shape.principal.safeParse(parseJson(text));
    return parsed.success ? parsed.data : `The principal is not valid:\n${z.prettifyError(parsed.error)}`;
  }
  const lists = Object.entries(principalFlags).flatMap(([flag, member]) => {
    const given = flags[flag as keyof typeof principalFlags];
    return given === undefined ? [] : [[member, String(given).split(',')] as const];
  });
  return { key: text, ...Object.fromEntries(lists) };
}

function readArguments(text: string): Record<string, unknown> | string {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : '--arguments must be a JSON object, such as \'{"branch": "main"}\'.';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function pinnedTarget(section: PolicySection, target: PolicyTarget): PolicyTarget {
  if (target.annotations !== undefined || target.tool === undefined) return target;
  return { ...target, annotations: pinnedAnnotations(section.annotations ?? {}, target.server, target.tool) };
}

async function loadPolicy(
  invocation: Invocation,
  io: Io,
): Promise<{ policy: Policy; section: PolicySection } | number> {
  const read = await readConfig(invocation, io);
  if (!read.ok) return read.exitCode;
  const section = sectionOf(read.config);
  if (section === undefined) {
    print(
      io.stderr,
      `${read.config.file} has no "policy" in "x-sekisho": without one and without "auth" the owner of this computer may use everything, and so may keys without roles, as far as they reach.`,
    );
    return exitCodes.config;
  }
  const { annotations: _pinned, ...document } = section;
  return { policy: createPolicy({ document, now: io.now }), section };
}

/** With callers that sign in, and no policy, nothing is allowed: that can be explained as well. */
function sectionOf({ settings }: LoadedConfig): PolicySection | undefined {
  return settings.policy ?? ('auth' in settings ? { roles: {}, rules: [] } : undefined);
}
