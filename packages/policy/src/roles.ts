import type { PolicyDocument, RoleSources } from './document.ts';
import { PolicyError } from './errors.ts';
import type { Principal } from './request.ts';

/** What a rule may ask of a principal. Principals of one class get the same answer from every rule without a condition. */
export interface PrincipalClass {
  readonly roles: ReadonlySet<string>;
  readonly scopes: ReadonlySet<string>;
  /** Equal for equal classes and for no others. */
  readonly key: string;
}

/** @throws {PolicyError} when a role's sources are not lists of texts. */
export function classifier(document: PolicyDocument): (principal: Principal) => PrincipalClass {
  const roles = Object.entries(document.roles).map(([name, sources]) => {
    if (name === '*' || name === '') throw new PolicyError('ERR_POLICY_RULE', name, 'no role can be called that');
    return [name, memberTest(name, sources)] as const;
  });
  const namedScopes = new Set(document.rules.flatMap(({ scopes = [] }) => scopes));
  const namedRoles = new Set(document.rules.flatMap(({ roles: names }) => names));
  return (principal) => {
    const held = new Set(['*']);
    for (const [name, isMember] of roles) if (isMember(principal)) held.add(name);
    for (const name of texts(principal.roles)) if (namedRoles.has(name)) held.add(name);
    const scopes = new Set([...texts(principal.scopes)].filter((scope) => namedScopes.has(scope)));
    const key = JSON.stringify([[...held].toSorted(), [...scopes].toSorted()]);
    return { roles: held, scopes, key };
  };
}

function memberTest(name: string, sources: RoleSources): (principal: Principal) => boolean {
  const wrong = (part: string): never => {
    throw new PolicyError('ERR_POLICY_RULE', name, `${part} of a role must be a list of texts`);
  };
  const setOf = (part: string, values: readonly string[] | undefined): ReadonlySet<string> => {
    if (values !== undefined && !(Array.isArray(values) && values.every((value) => typeof value === 'string')))
      wrong(part);
    return new Set(values);
  };
  const groups = setOf('groups', sources.groups);
  const scopes = setOf('scopes', sources.scopes);
  const keys = setOf('keys', sources.keys);
  const principals = setOf('principals', sources.principals);
  const clients = setOf('clients', sources.clients);
  const kinds = setOf('kinds', sources.kinds);
  const tenants = setOf('tenants', sources.tenants);
  const claims = Object.entries(sources.claims ?? {}).map(
    ([claim, values]) => [claim, setOf('claims', values)] as const,
  );
  const isIn = (set: ReadonlySet<string>, value: string | undefined): boolean => value !== undefined && set.has(value);
  const anyIn = (set: ReadonlySet<string>, values: Iterable<string> | undefined): boolean =>
    set.size > 0 && [...texts(values)].some((value) => set.has(value));
  return (principal) =>
    anyIn(groups, principal.groups) ||
    anyIn(scopes, principal.scopes) ||
    isIn(keys, principal.keyId) ||
    isIn(principals, principal.key) ||
    isIn(clients, principal.clientId) ||
    isIn(kinds, principal.kind) ||
    isIn(tenants, principal.tenant) ||
    claims.some(([claim, set]) => {
      const value =
        principal.claims !== undefined && Object.hasOwn(principal.claims, claim) ? principal.claims[claim] : undefined;
      const values: readonly unknown[] = Array.isArray(value) ? value : [value];
      return values.some((one) => typeof one === 'string' && set.has(one));
    });
}

/** A text is iterable too, letter by letter, which would give the group `a` to whoever is in `admins`. */
function texts(values: Iterable<string> | undefined): Iterable<string> {
  if (values === undefined) return [];
  if (typeof values === 'string') throw new TypeError('a list of texts is needed, not one text');
  return values;
}
