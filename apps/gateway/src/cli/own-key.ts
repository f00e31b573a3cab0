import { isLoopback } from '@sekisho/auth';
import { openKeyRoom, readLocalKey } from '../mount/key-room.ts';
import type { Io } from './io.ts';
import { ownFolder } from './locations.ts';

/** The environment variable with the key that commands use, for a gateway that is not this computer's. */
export const KEY_VARIABLE = 'SEKISHO_KEY';

/**
 * The key with which a command asks a gateway: the one in the environment, else the owner's own. That works from this
 * computer only, so it is not sent to any other.
 */
export async function findOwnKey(url: URL, io: Io): Promise<string | undefined> {
  const given = io.env[KEY_VARIABLE];
  if (given !== undefined && given !== '') return given;
  return isLoopback(url.hostname) ? await readLocalKey(ownFolder(io, 'state'), io.platform) : undefined;
}

/** The same, made where this computer has none yet. */
export async function findOrMakeOwnKey(url: URL, io: Io): Promise<string | undefined> {
  const found = await findOwnKey(url, io);
  if (found !== undefined || !isLoopback(url.hostname)) return found;
  const room = await openKeyRoom(ownFolder(io, 'state'), { now: io.now, platform: io.platform });
  return await room.ensureLocal();
}

/** The header that bears a key. */
export function keyHeader(key: string): Readonly<Record<string, string>> {
  return { Authorization: `Bearer ${key}` };
}
