import { createHash } from 'node:crypto';
import type { CedarEngine, CedarPolicySet } from './cedar-engine.ts';
import { callOf, contextOf, unknown } from './cedar-entities.ts';
import type { Decision, PolicyEvent, Reason } from './decision.ts';
import { PolicyError } from './errors.ts';
import { isOpen } from './methods.ts';
import type { Policy } from './policy.ts';
import type { PolicyRequest, Principal, Target } from './request.ts';
import { isNamed, isWellFormed } from './well-formed.ts';

export type { CedarCall, CedarEngine, CedarEntity, CedarPolicySet, CedarUid } from './cedar-engine.ts';

export interface CedarPolicyOptions {
  /** The module `@cedar-policy/cedar-wasm/nodejs` (Apache-2.0; 4.3 MB of WebAssembly are loaded). */
  readonly engine: CedarEngine;
  /** Policies in Cedar, one each, by the id that decisions name. */
  readonly policies: Readonly<Record<string, string>>;
  /** A schema in Cedar's syntax; policies that do not fit it are refused. Default: none, and slips are found when asked. */
  readonly schema?: string;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** Policies whose evaluation failed. Called synchronously; must not throw. */
  readonly onEvent?: (event: PolicyEvent) => void;
}

/** The part of a {@link Policy} that Cedar can answer. */
export type CedarPolicy = Pick<Policy, 'hash' | 'decide' | 'sees' | 'filter'>;

/** What is remembered for one principal; names are chosen by callers, so it is bounded. */
const MAX_REMEMBERED = 5_000;

/**
 * A policy in Cedar, by the official engine. Requests are `Mcp::Principal::"<key>"`, `Mcp::Action::"tools/call"`, and
 * `Mcp::Tool`, `Mcp::Prompt` or `Mcp::Resource::"<server>/<name>"` in `Mcp::Server::"<server>"`; the principal is in its `Mcp::Role`,
 * `Mcp::Group` and `Mcp::Tenant`. `context` has `args`, `address`, `ip` and `now`.
 *
 * Unlike Cedar alone, a policy whose evaluation fails denies: Cedar would leave it out, and a `forbid` with it. There are no
 * answers of `scope`, and members of arguments that Cedar has no value for (null, broken numbers) are absent.
 *
 * @throws {PolicyError} for a policy that is none, or that does not fit the schema
 */
export function createCedarPolicy(options: CedarPolicyOptions): CedarPolicy {
  const { engine, policies, schema, now = Date.now, onEvent = () => {} } = options;
  const hash = createHash('sha256')
    .update(JSON.stringify(Object.entries(policies).toSorted(([a], [b]) => (a < b ? -1 : 1))))
    .digest('hex')
    .slice(0, 16);
  const set: CedarPolicySet = { staticPolicies: policies };
  // In a list the arguments are not known. Policies that do not name them are asked as they are; the others are left open.
  const [free, bound] = [subset(policies, false), subset(policies, true)];
  const freeId = `${hash} free`;
  prepare(engine, hash, set, schema);
  prepare(engine, freeId, free, undefined);
  const remembered = new WeakMap<Principal, Map<string, Verdict | 'open'>>();

  const fails = (request: Pick<PolicyRequest, 'principal'>, ruleId: string | undefined, cause: unknown): Verdict => {
    onEvent({ type: 'policy.error', ruleId, principal: request.principal.key, cause });
    return { effect: 'deny', reason: 'error', ruleId };
  };
  const partially = (request: PolicyRequest, policies: CedarPolicySet): Verdict | 'open' => {
    const answer = engine.isAuthorizedPartial({ ...callOf(request, NOTHING_KNOWN), policies } as never);
    if (answer.type === 'failure') return fails(request, undefined, new Error(answer.errors[0]?.message));
    const { decision, errored, mustBeDetermining } = answer.response;
    if (errored[0] !== undefined) return fails(request, errored[0], new Error('its evaluation failed'));
    return decision === null ? 'open' : verdictOf(decision, mustBeDetermining, request.target);
  };
  /** What holds whatever the arguments, the time and the address; `open` where one of them has a say. */
  const settled = (request: PolicyRequest): Verdict | 'open' => {
    const { principal, target } = request;
    const key = JSON.stringify([
      target.server,
      target.method,
      target.tool,
      target.prompt,
      target.resource,
      target.annotations,
    ]);
    const known = remembered.get(principal)?.get(key);
    if (known !== undefined) return known;
    const verdict = partially(request, set);
    // One that can still be changed may have other rights the next time; a failure is told each time.
    if ((verdict !== 'open' && verdict.reason === 'error') || !Object.isFrozen(principal)) return verdict;
    let own = remembered.get(principal);
    if (own === undefined || own.size >= MAX_REMEMBERED) remembered.set(principal, (own = new Map()));
    own.set(key, verdict);
    return verdict;
  };
  const concretely = (request: PolicyRequest, preparsedPolicySetId: string): Verdict => {
    const call = callOf(request, contextOf(request, now()));
    const answer = engine.statefulIsAuthorized({ ...call, preparsedPolicySetId } as never);
    if (answer.type === 'failure') return fails(request, undefined, new Error(answer.errors[0]?.message));
    const { decision, diagnostics } = answer.response;
    const [error] = diagnostics.errors;
    if (error !== undefined) return fails(request, error.policyId, new Error(error.error.message));
    return verdictOf(decision, diagnostics.reason, request.target);
  };
  const judge = (request: PolicyRequest): Verdict => {
    const verdict = settled(request);
    return verdict === 'open' ? concretely(request, hash) : verdict;
  };
  const visible = (request: PolicyRequest): boolean => {
    const verdict = settled(request);
    if (verdict !== 'open') return verdict.effect === 'allow';
    const known = concretely({ ...request, arguments: {} }, freeId);
    if (known.effect === 'allow' || known.reason !== 'no-rule') return known.effect === 'allow';
    const rest = partially(request, bound);
    return rest === 'open' || rest.effect === 'allow';
  };
  const guarded = <T>(request: PolicyRequest, otherwise: T, ask: () => T): T => {
    try {
      return isWellFormed(request.target) ? ask() : otherwise;
    } catch (cause) {
      onEvent({ type: 'policy.error', ruleId: undefined, principal: request.principal?.key ?? '', cause });
      return otherwise;
    }
  };
  const sees = (request: PolicyRequest): boolean => guarded(request, false, () => visible(request));
  const refused: Decision = Object.freeze({
    effect: 'deny',
    reason: 'malformed',
    ruleId: undefined,
    answer: 'unknown',
    scopes: [],
    policyHash: hash,
  });
  return {
    hash,
    sees,
    filter: (request, items, targetOf) => items.filter((item) => sees({ ...request, target: targetOf(item) })),
    decide: (request) =>
      guarded(request, refused, () => {
        const verdict = judge(request);
        const answer =
          verdict.effect === 'allow' ? 'none' : isNamed(request.target) && !visible(request) ? 'unknown' : 'forbidden';
        return { ...verdict, answer, scopes: [], policyHash: hash };
      }),
  };
}

/** What nobody can say of a call that was not made yet. */
const NOTHING_KNOWN = {
  args: unknown('args'),
  address: unknown('address'),
  ip: unknown('ip'),
  now: unknown('now'),
};

function subset(policies: Readonly<Record<string, string>>, namesArguments: boolean): CedarPolicySet {
  return {
    staticPolicies: Object.fromEntries(
      Object.entries(policies).filter(([, policy]) => /\bargs\b/.test(policy) === namesArguments),
    ),
  };
}

type Verdict = { readonly effect: 'allow' | 'deny'; readonly reason: Reason; readonly ruleId: string | undefined };

/** A denial that no policy determines is want of a permit, which lists and plumbing do not need. */
function verdictOf(decision: 'allow' | 'deny', determining: readonly string[], target: Target): Verdict {
  const ruleId = determining.toSorted()[0];
  if (decision === 'allow') return { effect: 'allow', reason: 'allowed', ruleId };
  if (ruleId !== undefined) return { effect: 'deny', reason: 'denied', ruleId };
  return isOpen(target)
    ? { effect: 'allow', reason: 'allowed', ruleId }
    : { effect: 'deny', reason: 'no-rule', ruleId };
}

function prepare(engine: CedarEngine, hash: string, set: CedarPolicySet, schema: string | undefined): void {
  for (const [id, policy] of Object.entries(set.staticPolicies)) {
    const parsed = engine.preparsePolicySet(`${hash}/${id}`, { staticPolicies: { [id]: policy } } as never);
    if (parsed.type === 'failure')
      throw new PolicyError(
        'ERR_POLICY_RULE',
        id,
        `is no policy: ${parsed.errors[0]?.message ?? 'no reason was given'}`,
      );
  }
  const whole = engine.preparsePolicySet(hash, set as never);
  if (whole.type === 'failure')
    throw new PolicyError('ERR_POLICY_RULE', hash, whole.errors[0]?.message ?? 'no reason was given');
  if (schema === undefined) return;
  const checked = engine.validate({ schema, policies: set } as never);
  if (checked.type === 'failure')
    throw new PolicyError('ERR_POLICY_RULE', 'schema', checked.errors[0]?.message ?? 'no reason was given');
  const [wrong] = checked.validationErrors;
  if (wrong !== undefined)
    throw new PolicyError('ERR_POLICY_CONDITION', wrong.policyId, `does not fit the schema: ${wrong.error.message}`);
}
