import type { Stats } from 'node:fs';

/**
 * Why a file must not be used, or undefined. A configuration names commands that run as this user, so whoever can write
 * it owns the account; a secrets file must not even be readable by others. Windows keeps its rights elsewhere.
 */
export function findUnsafePermission(
  stats: Pick<Stats, 'mode'>,
  purpose: 'config' | 'secrets',
  platform: NodeJS.Platform,
): string | undefined {
  if (platform === 'win32') return undefined;
  if (purpose === 'secrets' && (stats.mode & 0o077) !== 0) return 'other users of this computer can read it';
  if ((stats.mode & 0o002) !== 0 && !keepsNoRights(stats)) return 'every user of this computer can change it';
  return undefined;
}

/** Drives of Windows under WSL, and some network drives, show every file with all rights, and no `chmod` changes that. */
export function keepsNoRights({ mode }: Pick<Stats, 'mode'>): boolean {
  return (mode & 0o777) === 0o777;
}
