import { join } from 'node:path';
import { auditFolders, listReplicas, type AuditFolders } from '../audit/folders.ts';
import type { AuditSettings } from '../audit/settings.ts';
import { openLog } from '../audit/open-log.ts';
import { auditRoutes } from '../admin/audit-routes.ts';
import { nothingMounted, type AuditMount } from '../mount/audit.ts';
import { findGateways, type RunningGateway } from './admin-client.ts';

/** One log of this computer, and who may write to it now. */
export type LocalLog = {
  readonly replica: string;
  readonly directory: string;
  /** The gateway that writes to it; undefined where none runs. */
  readonly gateway: RunningGateway | undefined;
};

export type LocalLogs = {
  readonly folders: AuditFolders;
  readonly settings: AuditSettings;
  readonly logs: readonly LocalLog[];
};

/** The logs below a folder for state, with the gateways that write to them. */
export async function findLogs(stateFolder: string, settings: AuditSettings, wanted?: string): Promise<LocalLogs> {
  const folders = auditFolders(stateFolder);
  const gateways = await findGateways(stateFolder);
  const replicas = (await listReplicas(folders)).filter((name) => wanted === undefined || name === wanted);
  const logs = replicas.map((replica) => ({
    replica,
    directory: join(folders.logs, replica),
    gateway: gateways.find((gateway) => gateway.replica === replica),
  }));
  return { folders, settings, logs };
}

/**
 * Asks the writer of a log to do what only a writer may: the gateway that runs, or this process where none does. The same
 * routes answer both.
 */
export async function askWriter(
  { folders, settings }: LocalLogs,
  { replica, gateway }: LocalLog,
  path: string,
  body: object,
): Promise<unknown> {
  if (gateway !== undefined) return await gateway.ask(path, body);
  const { log } = await openLog({ folders, settings, replica });
  try {
    const mount: AuditMount = {
      ...nothingMounted(),
      log,
      replica,
      record: async (event) => void (await log.record(event)),
    };
    const route = auditRoutes(mount)[path];
    if (route === undefined) throw new TypeError(`There is no ${path}.`);
    return (await route.handle(body)).body;
  } finally {
    await log.close();
  }
}
