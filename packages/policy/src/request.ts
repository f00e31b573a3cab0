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
