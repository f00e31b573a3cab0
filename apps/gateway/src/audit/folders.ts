import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the record of this computer is. The keys lie beside it, so that a backup of the log is not one of the keys. */
export type AuditFolders = {
  /** One folder for each process that writes at the same time. */
  readonly logs: string;
  readonly keys: string;
};

export function auditFolders(stateFolder: string): AuditFolders {
  return { logs: join(stateFolder, 'audit'), keys: join(stateFolder, 'audit-keys') };
}

/** The keys of the subjects of one log. */
export function subjectKeysFolder({ keys }: AuditFolders, replica: string): string {
  return join(keys, 'subjects', replica);
}

const REPLICA = /^[a-z0-9][a-z0-9_-]{0,31}$/;

/** The logs there are, in order. */
export async function listReplicas({ logs }: AuditFolders): Promise<string[]> {
  const names = await readdir(logs).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => REPLICA.test(name)).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
