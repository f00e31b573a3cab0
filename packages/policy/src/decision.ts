/** Why a request was decided as it was. */
export type Reason =
  /** A rule allows it and none denies it, or it is a list or plumbing that no rule denies. */
  | 'allowed'
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
export type PolicyEvent =
  | {
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
