import type { PinnedAnnotations } from './request.ts';

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
