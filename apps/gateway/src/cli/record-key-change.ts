import { askWriter, findLogs } from './audit-logs.ts';

export type KeyChange = {
  readonly type: 'apikey.created' | 'apikey.rotated' | 'apikey.revoked';
  readonly keyId: string;
};

/**
 * Puts a change of keys on record: in the logs of the gateways that run, or in the first log where none does. Where no gateway
 * has ever kept a record there is none to put it on.
 */
export async function recordKeyChange(stateFolder: string, change: KeyChange): Promise<void> {
  const all = await findLogs(stateFolder, {});
  const running = all.logs.filter(({ gateway }) => gateway !== undefined);
  for (const log of running.length > 0 ? running : all.logs.slice(0, 1))
    await askWriter(all, log, '/audit/key', change);
}
