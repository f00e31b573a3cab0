import { createKey, listKeys, type CreatedKey, type KeyAdministration, type PublicKeyRecord } from './manage-keys.ts';

/** The environment of keys that are for this computer only; visible in the key: `sks_local_...`. */
const LOCAL = 'local';

export type LocalKey =
  | ({ readonly created: true } & CreatedKey)
  | { readonly created: false; readonly record: PublicKeyRecord };

/**
 * Makes the one key with which a fresh installation asks even its own user who is there. It works from loopback only, for a
 * year. Where a local key is alive already, nothing is made: it was shown once and cannot be shown again.
 *
 * @param options.roles - Roles of the key. Default `['admin']`.
 */
export async function ensureLocalKey(
  administration: KeyAdministration,
  options: {
    readonly principal?: string;
    readonly roles?: readonly string[];
    readonly scopes?: readonly string[];
  } = {},
): Promise<LocalKey> {
  const nowMs = (administration.now ?? Date.now)();
  const keys = await listKeys(administration);
  const alive = keys.find(
    (key) => key.environment === LOCAL && key.revokedAtMs === undefined && key.expiresAtMs > nowMs,
  );
  if (alive !== undefined) return { created: false, record: alive };
  const made = await createKey(administration, {
    principal: options.principal ?? 'local',
    environment: LOCAL,
    label: 'made at the first start',
    roles: options.roles ?? ['admin'],
    scopes: options.scopes ?? [],
    networks: ['127.0.0.0/8', '::1/128'],
    lifetimeMs: 365 * 86_400_000,
  });
  return { created: true, ...made };
}
