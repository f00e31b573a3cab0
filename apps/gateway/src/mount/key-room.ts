import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureLocalKey, fileKeyStore, rotateKey, type CreatedKey, type KeyAdministration } from '@sekisho/auth/keys';
import { findUnsafePermission } from '../config/permissions.ts';
import { replacePrivate } from '../private-file.ts';
import { readOrMakeSecret, StateSecretError } from '../state-secret.ts';

/** Where API keys are kept, and what is needed to make and check them. */
export type KeyRoom = {
  readonly administration: KeyAdministration;
  /** Makes the key of this computer's owner where there is none that works; its text is there at that moment only. */
  ensureLocal(): Promise<string | undefined>;
  /** Another key in place of the owner's; the old one ends at once. */
  rotateLocal(): Promise<CreatedKey>;
};

export class KeyRoomError extends Error {
  override readonly name = 'KeyRoomError';
}

/** The owner of this computer, by key or over stdio. */
export const OWNER = 'local';

/**
 * Opens the folder of API keys below the state folder and makes what is missing: the pepper in a file of its own, since who
 * has only the records can check no guess. All of it is readable to its owner alone.
 *
 * @throws KeyRoomError when it cannot be made, read, or kept from others
 */
export async function openKeyRoom(
  stateFolder: string,
  { now, platform = process.platform }: { readonly now: () => number; readonly platform?: NodeJS.Platform },
): Promise<KeyRoom> {
  const folder = join(stateFolder, 'auth');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const pepper = await readOrMakeSecret(join(folder, 'pepper'), platform);
    const administration: KeyAdministration = {
      store: fileKeyStore({ path: join(folder, 'api-keys.json') }),
      peppers: { current: '1', secrets: { '1': pepper } },
      now,
    };
    const keep = (key: string): Promise<void> => replacePrivate(localKeyFile(stateFolder), `${key}\n`);
    return {
      administration,
      ensureLocal: async () => {
        const local = await ensureLocalKey(administration, { principal: OWNER });
        if (!local.created) return undefined;
        await keep(local.key);
        return local.key;
      },
      rotateLocal: async () => {
        const local = await ensureLocalKey(administration, { principal: OWNER });
        const made = local.created ? local : await rotateKey(administration, local.record.keyId, { overlapMs: 0 });
        await keep(made.key);
        return made;
      },
    };
  } catch (cause) {
    if (cause instanceof StateSecretError) throw new KeyRoomError(cause.message, { cause });
    const reason = (cause as NodeJS.ErrnoException).code ?? (cause instanceof Error ? cause.message : String(cause));
    throw new KeyRoomError(`The keys cannot be kept in ${folder}: ${reason}. Nobody could be asked who they are.`, {
      cause,
    });
  }
}

/** The owner's key as programs of this computer find it, beside the records and for its owner's eyes only. */
export function localKeyFile(stateFolder: string): string {
  return join(stateFolder, 'auth', 'local-key');
}

/** The key in that file; undefined where there is none that may be used. */
export async function readLocalKey(
  stateFolder: string,
  platform: NodeJS.Platform = process.platform,
): Promise<string | undefined> {
  try {
    const file = localKeyFile(stateFolder);
    if (findUnsafePermission(await stat(file), 'secrets', platform) !== undefined) return undefined;
    return (await readFile(file, 'utf8')).trim() || undefined;
  } catch {
    // Absent or not ours to read: either way there is no key here.
    return undefined;
  }
}
