import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { readOrMakePrivate } from '../private-file.ts';

/** Where gateways of this user say how they are reached. Only this user can read it. */
export function adminFolder(stateFolder: string): string {
  return join(stateFolder, 'admin');
}

/** One token for all gateways of this user: whoever can read it is this user, or was given it. */
export async function readAdminToken(stateFolder: string): Promise<string> {
  const text = await readOrMakePrivate(join(adminFolder(stateFolder), 'token'), () =>
    randomBytes(32).toString('base64url'),
  );
  return text.trim();
}

/** Compares in a time that says nothing about how much of it is right. */
export function isToken(token: string, authorization: string | undefined): boolean {
  const given = /^Bearer ([\w-]{1,256})$/i.exec(authorization ?? '')?.[1];
  if (given === undefined) return false;
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', token, 'buffer'));
}
