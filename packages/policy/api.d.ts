// Made by `pnpm api` from the declarations of the build. Do not edit.

// dist/index.d.ts, the entry point "@sekisho/policy"

export { createPolicy, listItem, type Policy, type PolicyOptions } from './policy.ts';
export type { PolicyDocument, PolicyRule, RoleSources } from './document.ts';
export type { PinnedAnnotations, PolicyRequest, Principal, Target } from './request.ts';
export type { Decision, PolicyEvent, Reason } from './decision.ts';
export type { Explanation, RuleExplanation } from './explain.ts';
export { findUnknownServers, type Problem } from './problems.ts';
export type { Divergence } from './shadow.ts';
export { testPolicy, type CaseResult, type PolicyCase } from './table.ts';
export { isPolicyError, PolicyError, type PolicyErrorCode } from './errors.ts';
export type { Bindings, Condition, ConditionEngine } from './condition.ts';
export { celEngine } from './cel.ts';
export { LISTS, METHODS, type TargetKind } from './methods.ts';

// dist/config.d.ts, the entry point "@sekisho/policy/config"

import { z } from 'zod';
export declare const roleSchema: z.ZodObject<{
    groups: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
    scopes: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
    claims: z.ZodExactOptional<z.ZodRecord<z.ZodString, z.ZodArray<z.ZodString>>>;
    keys: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
    principals: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
    clients: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
    kinds: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
    tenants: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
}, z.core.$strict>;
export declare const policyRuleSchema: z.ZodObject<{
    id: z.ZodString;
    effect: z.ZodEnum<{
        allow: "allow";
        deny: "deny";
    }>;
    roles: z.ZodArray<z.ZodString>;
    servers: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
    methods: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
    tools: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
    prompts: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
    resources: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
    annotations: z.ZodExactOptional<z.ZodObject<{
        readOnlyHint: z.ZodExactOptional<z.ZodBoolean>;
        destructiveHint: z.ZodExactOptional<z.ZodBoolean>;
        idempotentHint: z.ZodExactOptional<z.ZodBoolean>;
        openWorldHint: z.ZodExactOptional<z.ZodBoolean>;
    }, z.core.$strict>>;
    scopes: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
    when: z.ZodExactOptional<z.ZodString>;
    mode: z.ZodExactOptional<z.ZodEnum<{
        enforce: "enforce";
        shadow: "shadow";
    }>>;
}, z.core.$strict>;
export declare const policySchema: z.ZodObject<{
    roles: z.ZodRecord<z.ZodString, z.ZodObject<{
        groups: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
        scopes: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
        claims: z.ZodExactOptional<z.ZodRecord<z.ZodString, z.ZodArray<z.ZodString>>>;
        keys: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
        principals: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
        clients: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
        kinds: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
        tenants: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
    }, z.core.$strict>>;
    rules: z.ZodArray<z.ZodObject<{
        id: z.ZodString;
        effect: z.ZodEnum<{
            allow: "allow";
            deny: "deny";
        }>;
        roles: z.ZodArray<z.ZodString>;
        servers: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
        methods: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
        tools: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
        prompts: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
        resources: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
        annotations: z.ZodExactOptional<z.ZodObject<{
            readOnlyHint: z.ZodExactOptional<z.ZodBoolean>;
            destructiveHint: z.ZodExactOptional<z.ZodBoolean>;
            idempotentHint: z.ZodExactOptional<z.ZodBoolean>;
            openWorldHint: z.ZodExactOptional<z.ZodBoolean>;
        }, z.core.$strict>>;
        scopes: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
        when: z.ZodExactOptional<z.ZodString>;
        mode: z.ZodExactOptional<z.ZodEnum<{
            enforce: "enforce";
            shadow: "shadow";
        }>>;
    }, z.core.$strict>>;
}, z.core.$strict>;
/** A table of expected decisions, as `sekisho policy test` reads it. */
export declare const policyCasesSchema: z.ZodArray<z.ZodObject<{
    name: z.ZodString;
    principal: z.ZodObject<{
        key: z.ZodString;
        kind: z.ZodExactOptional<z.ZodString>;
        clientId: z.ZodExactOptional<z.ZodString>;
        tenant: z.ZodExactOptional<z.ZodString>;
        scopes: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
        groups: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
        roles: z.ZodExactOptional<z.ZodArray<z.ZodString>>;
        keyId: z.ZodExactOptional<z.ZodString>;
        authTime: z.ZodExactOptional<z.ZodNumber>;
        claims: z.ZodExactOptional<z.ZodRecord<z.ZodString, z.ZodUnknown>>;
    }, z.core.$strict>;
    target: z.ZodObject<{
        server: z.ZodExactOptional<z.ZodString>;
        method: z.ZodString;
        tool: z.ZodExactOptional<z.ZodString>;
        prompt: z.ZodExactOptional<z.ZodString>;
        resource: z.ZodExactOptional<z.ZodString>;
        annotations: z.ZodExactOptional<z.ZodObject<{
            readOnlyHint: z.ZodExactOptional<z.ZodBoolean>;
            destructiveHint: z.ZodExactOptional<z.ZodBoolean>;
            idempotentHint: z.ZodExactOptional<z.ZodBoolean>;
            openWorldHint: z.ZodExactOptional<z.ZodBoolean>;
        }, z.core.$strict>>;
    }, z.core.$strict>;
    arguments: z.ZodExactOptional<z.ZodRecord<z.ZodString, z.ZodUnknown>>;
    address: z.ZodExactOptional<z.ZodString>;
    expect: z.ZodEnum<{
        allow: "allow";
        deny: "deny";
        forbidden: "forbidden";
        hidden: "hidden";
        scope: "scope";
    }>;
    ruleId: z.ZodExactOptional<z.ZodString>;
}, z.core.$strict>>;
export type PolicyConfig = z.infer<typeof policySchema>;
export type PolicyCasesConfig = z.infer<typeof policyCasesSchema>;

// dist/cedar.d.ts, the entry point "@sekisho/policy/cedar"

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
export declare function createCedarPolicy(options: CedarPolicyOptions): CedarPolicy;

// dist/cedar-engine.d.ts

/** A name of an entity: `Mcp::Tool::"git/push"`. */
export interface CedarUid {
    readonly type: string;
    readonly id: string;
}
export interface CedarEntity {
    readonly uid: CedarUid;
    readonly attrs: Readonly<Record<string, unknown>>;
    readonly parents: readonly CedarUid[];
}
export interface CedarCall {
    readonly principal: CedarUid;
    readonly action: CedarUid;
    readonly resource: CedarUid;
    readonly context: Readonly<Record<string, unknown>>;
    readonly entities: readonly CedarEntity[];
}
interface Failure {
    readonly type: 'failure';
    readonly errors: readonly {
        readonly message: string;
    }[];
}
export interface CedarPolicySet {
    readonly staticPolicies: Readonly<Record<string, string>>;
}
/** The part of `@cedar-policy/cedar-wasm/nodejs` that is used; hand the module in. */
export interface CedarEngine {
    preparsePolicySet(id: string, policies: never): {
        readonly type: 'success';
    } | Failure;
    statefulIsAuthorized(call: never): Failure | {
        readonly type: 'success';
        readonly response: {
            readonly decision: 'allow' | 'deny';
            readonly diagnostics: {
                readonly reason: readonly string[];
                readonly errors: readonly {
                    readonly policyId: string;
                    readonly error: {
                        readonly message: string;
                    };
                }[];
            };
        };
    };
    isAuthorizedPartial(call: never): Failure | {
        readonly type: 'residuals';
        readonly response: {
            readonly decision: 'allow' | 'deny' | null;
            readonly errored: readonly string[];
            readonly mustBeDetermining: readonly string[];
        };
    };
    validate(call: never): Failure | {
        readonly type: 'success';
        readonly validationErrors: readonly {
            readonly policyId: string;
            readonly error: {
                readonly message: string;
            };
        }[];
    };
}
export {};

// dist/cel.d.ts

/**
 * Conditions in CEL (cel.dev), type-checked when they are compiled: a misspelt variable is found at the start.
 *
 * Variables: `principal`, `target`, `args` (maps), `now` (timestamp), `address` (string). Besides CEL's own functions:
 * `inNetwork(address, '10.0.0.0/8')`, `glob(text, 'a*')`, `pathWithin(path, '/data')`.
 *
 * Not available: `matches`, because patterns run in a backtracking engine on text that callers choose. Numbers out of JSON
 * are doubles in CEL: `args.n > 4` works, `args.n + 1` needs `args.n + 1.0`.
 */
export declare function celEngine(): ConditionEngine;

// dist/compile.d.ts

export interface CompiledRule {
    readonly id: string;
    readonly deny: boolean;
    readonly shadow: boolean;
    readonly roles: readonly string[];
    readonly scopes: readonly string[];
    readonly condition: Condition | undefined;
    /** True when the condition looks at the arguments, so that it cannot be answered for a list. */
    readonly needsArguments: boolean;
    /** Parts of the rule that look at the target, by what they are called in an explanation. */
    readonly selectors: readonly Selector[];
    readonly source: PolicyRule;
}
export interface Selector {
    readonly part: 'server' | 'method' | 'name' | 'annotations';
    matches(target: Target): boolean;
}
export declare const ANNOTATIONS: readonly ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'];
/** @throws {PolicyError} for the first rule that makes no sense or whose condition does not compile. */
export declare function compileRules(document: PolicyDocument, engine: ConditionEngine): readonly CompiledRule[];

// dist/condition.d.ts

/** What a condition may look at. */
export interface Bindings {
    readonly principal: Readonly<Record<string, unknown>>;
    readonly target: Readonly<Record<string, unknown>>;
    readonly args: Readonly<Record<string, unknown>>;
    readonly now: Date;
    readonly address: string;
}
export interface Condition {
    /** Names out of {@link Bindings} that the condition mentions. */
    readonly variables: ReadonlySet<string>;
    /**
     * Whether it holds.
     *
     * @throws whatever went wrong, also when the result is no boolean. A condition that fails is a denial.
     */
    test(bindings: Bindings): boolean;
}
/** The port behind which the expression language stays: its major versions change often. */
export interface ConditionEngine {
    /** @throws an error that says what is wrong when the source is no condition. */
    compile(source: string): Condition;
}

// dist/decision.d.ts

/** Why a request was decided as it was. */
export type Reason = 
/** A rule allows it and none denies it, or it is a list or plumbing that no rule denies. */
'allowed'
/** A rule denies it. */
 | 'denied'
/** No rule allows it. */
 | 'no-rule'
/** A rule would allow it if the principal had more scopes. */
 | 'scope'
/** A condition failed, or the request could not be read. */
 | 'error'
/** The target names two things at once, or a resource in a spelling that patterns cannot judge. */
 | 'malformed';
export interface Decision {
    readonly effect: 'allow' | 'deny';
    readonly reason: Reason;
    /** The rule that decided. Undefined when none did. */
    readonly ruleId: string | undefined;
    /**
     * How to answer a denial. `unknown`: exactly as if the target did not exist. `forbidden`: the principal sees it in lists, so
     * say no. `scope`: say which scopes are needed. `none`: it was allowed.
     */
    readonly answer: 'none' | 'unknown' | 'forbidden' | 'scope';
    /** With `answer: 'scope'`: all scopes the operation needs, those the principal has included. */
    readonly scopes: readonly string[];
    /** Which policy decided: the digest of its document. */
    readonly policyHash: string;
}
/** What a policy tells its owner. */
export type PolicyEvent = {
    readonly type: 'policy.error';
    readonly ruleId: string | undefined;
    readonly principal: string;
    readonly cause: unknown;
}
/** A rule in shadow mode would have turned the decision round. */
 | {
    readonly type: 'policy.divergence';
    readonly ruleId: string;
    readonly principal: string;
    readonly wouldBe: 'allow' | 'deny';
};

// dist/document.d.ts

/** Who has a role: everybody to whom one of these applies. All comparisons are exact; nothing is a substring. */
export interface RoleSources {
    /** Membership in one of these groups. */
    readonly groups?: readonly string[];
    /** One of these scopes. */
    readonly scopes?: readonly string[];
    /** By name of the claim: one of these values, as the claim itself or in it when it is a list. */
    readonly claims?: Readonly<Record<string, readonly string[]>>;
    /** Ids of API keys. */
    readonly keys?: readonly string[];
    /** Keys of principals. */
    readonly principals?: readonly string[];
    /** Ids of OAuth clients. */
    readonly clients?: readonly string[];
    /** Kinds of principals, such as `user`, `service`, `apikey`. */
    readonly kinds?: readonly string[];
    readonly tenants?: readonly string[];
}
/**
 * A rule applies when all that it states is true of a request; what it leaves out is true of all. `tools`, `prompts` and
 * `resources` together mean one of them, since a request names at most one.
 */
export interface PolicyRule {
    /** Unique; in decisions, explanations and the log. */
    readonly id: string;
    readonly effect: 'allow' | 'deny';
    /** Names of roles, one of which is needed; `*` is every principal. */
    readonly roles: readonly string[];
    /** Patterns: exact, or with `*` for any characters. */
    readonly servers?: readonly string[];
    /** Patterns of MCP methods. Default: all, also those that a server asks of a client. */
    readonly methods?: readonly string[];
    readonly tools?: readonly string[];
    readonly prompts?: readonly string[];
    /** Patterns of URIs: `*` within a segment of the path, `**` beyond. */
    readonly resources?: readonly string[];
    /** Pinned annotations the tool must have, with these values. */
    readonly annotations?: PinnedAnnotations;
    /** Of an `allow`: scopes all of which are needed besides. Who lacks them is told which, so that he can ask for them. */
    readonly scopes?: readonly string[];
    /** A condition in CEL. One that fails denies the request, whatever the effect of its rule. */
    readonly when?: string;
    /** `shadow` counts what the rule would change and changes nothing. Default `enforce`. */
    readonly mode?: 'enforce' | 'shadow';
}
/** A policy as it is written down: plain data. */
export interface PolicyDocument {
    readonly roles: Readonly<Record<string, RoleSources>>;
    readonly rules: readonly PolicyRule[];
}

// dist/errors.d.ts

/** What can fail when a policy is made. Each code has a page in `docs/errors/`. Decisions never fail: they deny. */
export type PolicyErrorCode = 'ERR_POLICY_CONDITION' | 'ERR_POLICY_RULE';
/** A policy that cannot be used. Recognise it with {@link isPolicyError}, which also works with two copies of this package. */
export declare class PolicyError extends Error {
    readonly name = "PolicyError";
    readonly code: PolicyErrorCode;
    /** Id of the rule, or name of the role, that is wrong. */
    readonly subject: string;
    constructor(code: PolicyErrorCode, subject: string, message: string, options?: {
        readonly cause?: unknown;
    });
}
export declare function isPolicyError(value: unknown): value is PolicyError;

// dist/evaluate.d.ts

export interface Evaluator {
    decide(request: PolicyRequest): Decision;
    sees(request: PolicyRequest): boolean;
    /** As `decide`, without events and without counting what shadow rules would have changed. */
    preview(request: PolicyRequest): Decision;
    /** How the condition of one rule comes out for a call. */
    ask(rule: CompiledRule, request: PolicyRequest): 'holds' | 'does not hold' | 'fails';
}
export interface EvaluatorParts {
    readonly rules: readonly CompiledRule[];
    readonly classify: (principal: Principal) => PrincipalClass;
    readonly hash: string;
    readonly now: () => number;
    readonly onEvent: (event: PolicyEvent) => void;
    readonly shadow: ShadowCounter;
}
export declare function createEvaluator(parts: EvaluatorParts): Evaluator;

// dist/explain.d.ts

export interface RuleExplanation {
    readonly ruleId: string;
    readonly effect: 'allow' | 'deny';
    readonly shadow: boolean;
    /** Whether it applies: everything it states is true. */
    readonly applies: boolean;
    /** What it states that is not true, in words. Empty when it applies. */
    readonly missing: readonly string[];
    /** How much would have to change: little for a scope or an argument, more for a role, most for another target. */
    readonly distance: number;
}
export interface Explanation {
    readonly decision: Decision;
    readonly visible: boolean;
    readonly roles: readonly string[];
    readonly rules: readonly RuleExplanation[];
    /** For a denial: what would have to change, the smallest change first. */
    readonly wouldAllow: readonly string[];
}
export interface ExplainParts {
    readonly rules: readonly CompiledRule[];
    readonly evaluator: Evaluator;
    readonly classify: (principal: Principal) => PrincipalClass;
}
export declare function explainWith(parts: ExplainParts, request: PolicyRequest): Explanation;

// dist/methods.d.ts

/** What a method acts on by name. */
export type TargetKind = 'tool' | 'prompt' | 'resource';
/**
 * The methods of MCP, with what each may name, in both revisions and both directions. Rules may name others (extensions); a
 * name that is not here and has no `*` is reported, because it is more often a slip.
 */
export declare const METHODS: Readonly<Record<string, readonly TargetKind[]>>;
/**
 * Lists whose every item is decided on its own, by the same function that decides the call: they are open to every principal,
 * unless a rule denies them, and show what he may use.
 */
export declare const LISTS: Readonly<Record<string, {
    readonly kind: TargetKind;
    readonly method: string;
}>>;
/** Listening is open like the lists that it tells of; a resource that is listened to is decided on by its name. */
export declare function isOpen({ method, resource }: Target): boolean;

// dist/policy.d.ts

export interface PolicyOptions {
    readonly document: PolicyDocument;
    /** Milliseconds since 1970, for conditions that ask for the time. Default `Date.now`. */
    readonly now?: () => number;
    /** Conditions in another language. Default CEL. */
    readonly conditions?: ConditionEngine;
    /** Failing conditions and what shadow rules would have changed. Called synchronously; must not throw. */
    readonly onEvent?: (event: PolicyEvent) => void;
}
export interface Policy {
    /** Digest of the document (SHA-256, hexadecimal, first 16 characters): goes into every decision, and from there into the log. */
    readonly hash: string;
    /** Rules that can never match, and what else looks like a slip. Worth showing when a policy is loaded. */
    readonly problems: readonly Problem[];
    /** Decides a call. Never throws: what goes wrong is a denial with an event. */
    decide(request: PolicyRequest): Decision;
    /**
     * The items of a list that a principal may see, in their order: those he may use, those he may use with the right
     * arguments, and those for which he could ask for scopes. By the function that decides calls.
     */
    filter<Item>(request: Omit<PolicyRequest, 'target' | 'arguments'>, items: readonly Item[], targetOf: (item: Item) => Target): Item[];
    /** Whether an item belongs into a list. `filter` for one. */
    sees(request: PolicyRequest): boolean;
    /**
     * Whether a principal may know that a server exists: some rule lets him use something there, and no denial takes it all away.
     * Conditions are left open, so the answer holds as long as the policy and what the principal has.
     */
    knows(principal: Principal, server: string): boolean;
    /**
     * Principals of one key see the same lists at any time. Undefined for one whose lists depend on a condition about himself,
     * the time or the address: they are not to be remembered.
     */
    listKey(principal: Principal): string | undefined;
    /** How every rule looked at a request, and what would allow it. For people: it is slow, and not part of any answer. */
    explain(request: PolicyRequest): Explanation;
    /** By rule in shadow mode: how many decisions it would have turned round since the start. */
    divergences(): readonly Divergence[];
}
/**
 * Makes a policy. The order of rules means nothing: a denial overrides what is allowed, and what no rule allows is denied.
 *
 * @throws {PolicyError} when a rule makes no sense or a condition does not compile.
 */
export declare function createPolicy(options: PolicyOptions): Policy;
/** The target that decides about an item of a list, such as `listItem('tools/list', 'github', 'search')`. */
export declare function listItem(list: string, server: string | undefined, name: string): Target;

// dist/problems.d.ts

export interface Problem {
    readonly ruleId: string;
    /** `never`: no request can be decided by it. `suspicious`: it works, and is probably not what was meant. */
    readonly severity: 'never' | 'suspicious';
    readonly message: string;
}
/** What can be seen of a policy without any request. It does NOT prove that a rule can match, only that it cannot. */
export declare function findProblems(document: PolicyDocument, rules: readonly CompiledRule[]): readonly Problem[];
/** Patterns of servers that match none of those there are. Not of one rule alone, so it is asked when the servers are known. */
export declare function findUnknownServers(document: PolicyDocument, servers: readonly string[]): readonly Problem[];
/** Whether the one rule applies to all that the other applies to, conditions left aside. */
export declare function isWider(wide: PolicyRule, narrow: PolicyRule): boolean;

// dist/request.d.ts

/** Who asks. Fits the principal of `@sekisho/auth`; anything else that was authenticated does as well. */
export interface Principal {
    /** Issuer and subject, as one string that no two principals share. */
    readonly key: string;
    readonly kind?: string | undefined;
    readonly clientId?: string | undefined;
    readonly tenant?: string | undefined;
    readonly scopes?: Iterable<string> | undefined;
    readonly groups?: Iterable<string> | undefined;
    /** Roles given directly, as by an API key's record. They need no entry in `roles`. */
    readonly roles?: Iterable<string> | undefined;
    /** Id of the API key, if one was used. */
    readonly keyId?: string | undefined;
    /** Seconds since 1970 of the sign-in. */
    readonly authTime?: number | undefined;
    /** Claims of the token that roles and conditions may look at. Values: text, numbers, booleans, lists of text. */
    readonly claims?: Readonly<Record<string, unknown>> | undefined;
}
/** Hints about a tool, as the operator pinned them. What an upstream says of itself does not belong here. */
export interface PinnedAnnotations {
    readonly readOnlyHint?: boolean | undefined;
    readonly destructiveHint?: boolean | undefined;
    readonly idempotentHint?: boolean | undefined;
    readonly openWorldHint?: boolean | undefined;
}
/** What is asked of whom. At most one of `tool`, `prompt`, `resource`, taken from the parsed body. */
export interface Target {
    /** Name of the upstream server; undefined for what concerns the gateway alone. */
    readonly server?: string | undefined;
    /** MCP method, also of what a server asks of a client (`sampling/createMessage`). */
    readonly method: string;
    readonly tool?: string | undefined;
    readonly prompt?: string | undefined;
    /** URI of a resource, or the URI template of a resource template. */
    readonly resource?: string | undefined;
    readonly annotations?: PinnedAnnotations | undefined;
}
export interface PolicyRequest {
    readonly principal: Principal;
    readonly target: Target;
    /** Arguments of the call as parsed from the body. Default: none, `{}`. */
    readonly arguments?: Readonly<Record<string, unknown>> | undefined;
    /** Network address of the client. Default: unknown, the empty string. */
    readonly address?: string | undefined;
}

// dist/roles.d.ts

/** What a rule may ask of a principal. Principals of one class get the same answer from every rule without a condition. */
export interface PrincipalClass {
    readonly roles: ReadonlySet<string>;
    readonly scopes: ReadonlySet<string>;
    /** Equal for equal classes and for no others. */
    readonly key: string;
}
/** @throws {PolicyError} when a role's sources are not lists of texts. */
export declare function classifier(document: PolicyDocument): (principal: Principal) => PrincipalClass;

// dist/shadow.d.ts

export interface Divergence {
    readonly ruleId: string;
    /** Decisions that the rule, if it were enforced, would have turned round. */
    readonly count: number;
    readonly wouldBe: 'allow' | 'deny';
}
export interface ShadowCounter {
    diverged(rule: CompiledRule, principal: string): void;
    divergences(): readonly Divergence[];
}
export declare function createShadowCounter(rules: readonly CompiledRule[], onEvent: (event: PolicyEvent) => void): ShadowCounter;

// dist/table.d.ts

/** One line of a table of expected decisions. */
export interface PolicyCase extends PolicyRequest {
    readonly name: string;
    /** `hidden`: denied, and not in lists either. `scope`: denied for want of scopes. `forbidden`: seen but denied. */
    readonly expect: 'allow' | 'deny' | 'hidden' | 'forbidden' | 'scope';
    /** The rule that must have decided. Default: any. */
    readonly ruleId?: string | undefined;
}
export interface CaseResult {
    readonly name: string;
    readonly ok: boolean;
    readonly expected: string;
    readonly actual: string;
    readonly decision: Decision;
    /** Only when it came out otherwise. */
    readonly explanation?: Explanation;
}
/** Runs a table against a policy. What `sekisho policy test` prints. */
export declare function testPolicy(policy: Policy, cases: readonly PolicyCase[]): readonly CaseResult[];
