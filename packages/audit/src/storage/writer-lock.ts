import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { AuditError, systemCode } from '../audit-error.ts';
import type { AuditFileSystem } from './file-system.ts';

interface Holder {
  pid: number;
  host: string;
  /** Start time of the process in clock ticks since boot, where the system tells; a pid alone is reused. */
  started: string;
}

/** Locks this very process holds: in a container a restarted process often has the pid of the dead one. */
const heldHere = new Set<string>();

function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name may hold spaces, so count the fields after its closing bracket: start time is the 20th.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    // Not Linux, or the process is gone: the pid check below decides alone.
    return '';
  }
}

function isAlive(holder: Holder, path: string): boolean {
  if (holder.host !== hostname()) return true;
  if (holder.pid === process.pid && !heldHere.has(path)) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
  const started = startOf(holder.pid);
  return started === '' || holder.started === '' || started === holder.started;
}

function parseHolder(bytes: Buffer): Holder | undefined {
  try {
    const value = JSON.parse(bytes.toString()) as Holder;
    return typeof value.pid === 'number' && typeof value.host === 'string' ? value : undefined;
  } catch {
    // A torn lock file was never taken successfully.
    return undefined;
  }
}

/**
 * Makes sure that one process writes to a directory: two writers would fork the chain. A lock whose process is dead is
 * taken over. Throws AuditError ERR_AUDIT_LOCKED. Does not protect against a writer on another host that removed the file.
 */
export async function takeWriterLock(fs: AuditFileSystem, path: string): Promise<() => Promise<void>> {
  const own: Holder = { pid: process.pid, host: hostname(), started: startOf(process.pid) };
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const bytes = await fs.readFile(path);
    const holder = bytes && parseHolder(bytes);
    if (holder && isAlive(holder, path)) {
      throw new AuditError('ERR_AUDIT_LOCKED', `Process ${holder.pid} on ${holder.host} already writes to this log.`);
    }
    if (bytes) await fs.remove(path);
    try {
      const file = await fs.open(path, 'create');
      try {
        await file.write(Buffer.from(JSON.stringify(own)), 0);
      } finally {
        await file.close();
      }
    } catch (error) {
      if (systemCode(error) === 'EEXIST') continue;
      throw error;
    }
    heldHere.add(path);
    return async () => {
      heldHere.delete(path);
      await fs.remove(path);
    };
  }
  throw new AuditError('ERR_AUDIT_LOCKED', 'Another process took the lock of this log.');
}
