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
  readonly errors: readonly { readonly message: string }[];
}

export interface CedarPolicySet {
  readonly staticPolicies: Readonly<Record<string, string>>;
}

/** The part of `@cedar-policy/cedar-wasm/nodejs` that is used; hand the module in. */
export interface CedarEngine {
  preparsePolicySet(id: string, policies: never): { readonly type: 'success' } | Failure;
  statefulIsAuthorized(call: never):
    | Failure
    | {
        readonly type: 'success';
        readonly response: {
          readonly decision: 'allow' | 'deny';
          readonly diagnostics: {
            readonly reason: readonly string[];
            readonly errors: readonly { readonly policyId: string; readonly error: { readonly message: string } }[];
          };
        };
      };
  isAuthorizedPartial(call: never):
    | Failure
    | {
        readonly type: 'residuals';
        readonly response: {
          readonly decision: 'allow' | 'deny' | null;
          readonly errored: readonly string[];
          readonly mustBeDetermining: readonly string[];
        };
      };
  validate(call: never):
    | Failure
    | {
        readonly type: 'success';
        readonly validationErrors: readonly {
          readonly policyId: string;
          readonly error: { readonly message: string };
        }[];
      };
}
