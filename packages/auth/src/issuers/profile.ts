import { isJsonObject, numberMember, stringMember, stringsMember, type JsonObject } from '../json.ts';
import type { PrincipalFields } from '../principal.ts';

/** Kinds of access tokens, by the party that issues them. `rfc9068` is the strict one and the default. */
export type ProfileName = 'rfc9068' | 'entra' | 'okta' | 'auth0' | 'keycloak';

/** How one kind of issuer departs from RFC 9068. */
export interface TokenProfile {
  /** Accepted `typ` values, lower case, without `application/`. */
  readonly types: readonly string[];
  /** Whether a token without `typ` is accepted. */
  readonly typeOptional: boolean;
  readonly requiredClaims: readonly string[];
  /** Whether the claims are those of an access token. Where `typ` says no more than `JWT`, an ID token must be told apart here. */
  readonly isAccessToken: (claims: JsonObject) => boolean;
  readonly clientId: (claims: JsonObject) => string | undefined;
  readonly scopes: (claims: JsonObject) => readonly string[];
  readonly roles: (claims: JsonObject) => readonly string[];
  readonly tenant: (claims: JsonObject) => string | undefined;
  readonly isService: (claims: JsonObject) => boolean;
}

const words = (claims: JsonObject, name: string): readonly string[] =>
  stringsMember(claims, name)
    .flatMap((text) => text.split(' '))
    .filter((word) => word !== '');

/** Claims that belong to ID tokens (OpenID Connect Core section 2) and to nothing that we accept. */
const hasIdTokenClaim = (claims: JsonObject): boolean =>
  ['nonce', 'at_hash', 'c_hash', 's_hash'].some((name) => name in claims);

const strict: TokenProfile = {
  types: ['at+jwt'],
  typeOptional: false,
  requiredClaims: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'],
  isAccessToken: () => true,
  clientId: (claims) => stringMember(claims, 'client_id'),
  scopes: (claims) => words(claims, 'scope'),
  roles: (claims) => stringsMember(claims, 'roles'),
  tenant: () => undefined,
  isService: (claims) => claims['sub'] === claims['client_id'],
};

const compatible = { ...strict, types: ['at+jwt', 'jwt'], requiredClaims: ['iss', 'exp', 'aud', 'sub', 'iat'] };

export const profiles: Readonly<Record<ProfileName, TokenProfile>> = {
  rfc9068: strict,

  // Microsoft Entra ID: `typ` is JWT, the client is `azp` (v2) or `appid` (v1), scopes are `scp`, application permissions `roles`.
  entra: {
    ...compatible,
    isAccessToken: (claims) => !hasIdTokenClaim(claims) && ('azp' in claims || 'appid' in claims),
    clientId: (claims) => stringMember(claims, 'azp') ?? stringMember(claims, 'appid'),
    scopes: (claims) => words(claims, 'scp'),
    tenant: (claims) => stringMember(claims, 'tid'),
    isService: (claims) => claims['idtyp'] === 'app' || (claims['idtyp'] === undefined && !('scp' in claims)),
  },

  // Okta: no `typ` unless configured, the client is `cid`, scopes are an array `scp`.
  okta: {
    ...compatible,
    typeOptional: true,
    isAccessToken: (claims) => !hasIdTokenClaim(claims) && 'cid' in claims,
    clientId: (claims) => stringMember(claims, 'cid'),
    scopes: (claims) => words(claims, 'scp'),
    isService: (claims) => claims['sub'] === claims['cid'],
  },

  // Auth0: `typ` JWT in its own profile, the client is `azp`, RBAC permissions come as `permissions`.
  auth0: {
    ...compatible,
    isAccessToken: (claims) => !hasIdTokenClaim(claims) && ('azp' in claims || 'client_id' in claims),
    clientId: (claims) => stringMember(claims, 'azp') ?? stringMember(claims, 'client_id'),
    roles: (claims) => [...stringsMember(claims, 'roles'), ...stringsMember(claims, 'permissions')],
    tenant: (claims) => stringMember(claims, 'org_id'),
    isService: (claims) => claims['gty'] === 'client-credentials',
  },

  // Keycloak: `typ` JWT in the header, the real type in the claim `typ`, roles nested per realm and client.
  keycloak: {
    ...compatible,
    isAccessToken: (claims) => claims['typ'] === 'Bearer' || claims['typ'] === 'DPoP',
    clientId: (claims) => stringMember(claims, 'azp') ?? stringMember(claims, 'client_id'),
    roles: keycloakRoles,
    isService: (claims) => stringMember(claims, 'preferred_username')?.startsWith('service-account-') === true,
  },
};

/** Realm roles by their name, client roles as `<client>:<role>`. */
function keycloakRoles(claims: JsonObject): readonly string[] {
  const rolesOf = (value: unknown): readonly string[] => (isJsonObject(value) ? stringsMember(value, 'roles') : []);
  const perClient = claims['resource_access'];
  const clients = isJsonObject(perClient) ? Object.entries(perClient) : [];
  return [
    ...rolesOf(claims['realm_access']),
    ...clients.flatMap(([client, value]) => rolesOf(value).map((role) => `${client}:${role}`)),
  ];
}

/** The fields of a principal that verified claims speak about. The caller has checked signature, issuer, audience and times. */
export function principalFields(profile: TokenProfile, issuer: string, claims: JsonObject): PrincipalFields {
  return {
    kind: profile.isService(claims) ? 'service' : 'user',
    issuer,
    subject: stringMember(claims, 'sub') ?? '',
    clientId: profile.clientId(claims),
    scopes: profile.scopes(claims),
    groups: stringsMember(claims, 'groups'),
    roles: profile.roles(claims),
    tenant: profile.tenant(claims),
    acr: stringMember(claims, 'acr'),
    authTimeSeconds: numberMember(claims, 'auth_time'),
    expiresAtSeconds: numberMember(claims, 'exp'),
    confirmation: confirmationOf(claims),
    actors: actorsOf(claims),
    claims,
  };
}

/** Whether `cnf` asks for a proof that nobody here can check; such a token must not be taken for an unbound one. */
export function hasUnknownConfirmation(claims: JsonObject): boolean {
  return claims['cnf'] !== undefined && confirmationOf(claims) === undefined;
}

function confirmationOf(claims: JsonObject): PrincipalFields['confirmation'] {
  const cnf = claims['cnf'];
  if (!isJsonObject(cnf)) return undefined;
  if (Object.keys(cnf).some((name) => name !== 'jkt' && name !== 'x5t#S256')) return undefined;
  const jkt = stringMember(cnf, 'jkt');
  const x5tS256 = stringMember(cnf, 'x5t#S256');
  // A member that is there but is not a usable text must not vanish.
  if (('jkt' in cnf && jkt === undefined) || ('x5t#S256' in cnf && x5tS256 === undefined)) return undefined;
  if (jkt !== undefined) return x5tS256 === undefined ? { jkt } : { jkt, x5tS256 };
  return x5tS256 === undefined ? undefined : { x5tS256 };
}

function actorsOf(claims: JsonObject): readonly string[] {
  const actors: string[] = [];
  for (let actor = claims['act']; isJsonObject(actor); actor = actor['act']) {
    actors.push(stringMember(actor, 'sub') ?? stringMember(actor, 'client_id') ?? '');
  }
  return actors;
}
