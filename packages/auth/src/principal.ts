/** What kind of caller a credential stands for. */
export type PrincipalKind = 'user' | 'service' | 'apikey';

/** What an API key narrows its holder to. An empty or absent list narrows nothing. */
export interface Restrictions {
  /** Server names, `*` stands for any run of characters. */
  readonly servers?: readonly string[];
  /** Tool names as the server calls them, with `*`. */
  readonly tools?: readonly string[];
}

/** The key that a proof must be made with before the token may be used. */
export type Confirmation =
  | { readonly jkt: string }
  | { readonly x5tS256: string }
  | { readonly jkt: string; readonly x5tS256: string };

/**
 * Who is calling. Frozen to the bottom; holds no token, no key and no secret. `claims` is not enumerable and `util.inspect`
 * shows names only, so that a principal written to a log by accident says who, not everything an issuer told about them.
 */
export interface Principal {
  /** `<issuer>|<subject>`: the same subject of two issuers is two principals. */
  readonly key: string;
  readonly kind: PrincipalKind;
  readonly issuer: string;
  readonly subject: string;
  readonly clientId: string | undefined;
  /** Scopes of the token and all that they imply. Compare by membership only. */
  readonly scopes: readonly string[];
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  readonly tenant: string | undefined;
  /** Authentication context class of the sign-in (`acr`). */
  readonly acr: string | undefined;
  /** When the person last proved who they are, in seconds since 1970 (`auth_time`). */
  readonly authTimeSeconds: number | undefined;
  /** End of the credential, in seconds since 1970. */
  readonly expiresAtSeconds: number | undefined;
  readonly confirmation: Confirmation | undefined;
  /** Who acts for the subject, outermost first (`act`, RFC 8693 section 4.1). */
  readonly actors: readonly string[];
  /** Public id of the API key, for `kind: 'apikey'`. */
  readonly keyId: string | undefined;
  readonly restrictions: Restrictions | undefined;
  /** The verified claims, for roles and conditions. Not enumerable. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Everything but the derived `key`; absent members take their empty value. */
export type PrincipalFields = Pick<Principal, 'kind' | 'issuer' | 'subject'> &
  Partial<Omit<Principal, 'key' | 'kind' | 'issuer' | 'subject'>>;

const inspectCustom = Symbol.for('nodejs.util.inspect.custom');

/**
 * Makes a frozen principal. The caller vouches for the fields: this function verifies nothing. It takes `claims`, `confirmation` and
 * `restrictions` over and freezes them where they stand.
 */
export function makePrincipal(fields: PrincipalFields): Principal {
  const { claims, ...rest } = fields;
  const principal: Omit<Principal, 'claims'> = {
    key: `${fields.issuer}|${fields.subject}`,
    kind: rest.kind,
    issuer: rest.issuer,
    subject: rest.subject,
    clientId: rest.clientId,
    scopes: deepFreeze([...(rest.scopes ?? [])]),
    groups: deepFreeze([...(rest.groups ?? [])]),
    roles: deepFreeze([...(rest.roles ?? [])]),
    tenant: rest.tenant,
    acr: rest.acr,
    authTimeSeconds: rest.authTimeSeconds,
    expiresAtSeconds: rest.expiresAtSeconds,
    confirmation: deepFreeze(rest.confirmation),
    actors: deepFreeze([...(rest.actors ?? [])]),
    keyId: rest.keyId,
    restrictions: deepFreeze(rest.restrictions),
  };
  Object.defineProperty(principal, 'claims', { value: deepFreeze(claims ?? {}), enumerable: false });
  Object.defineProperty(principal, inspectCustom, {
    value: () => `Principal { ${principal.kind} ${JSON.stringify(principal.key)} }`,
    enumerable: false,
  });
  return Object.freeze(principal) as Principal;
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}
