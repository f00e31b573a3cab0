import type { Log } from '@sekisho/core';
import { digestFile } from '../config/digest-file.ts';
import { watchFiles } from '../config/watch.ts';
import { certificateFiles, readCertificates, type TlsSettings } from './certificates.ts';
import type { Transport } from './transport.ts';

/**
 * Takes up a renewed certificate without a restart. Files that cannot serve are told and not taken: what is in use goes on,
 * and the next change is tried again.
 */
export async function followCertificates(
  tls: TlsSettings,
  configFile: string,
  { transport, now, log }: { readonly transport: Transport; readonly now: () => number; readonly log: Log },
): Promise<{ close(): void }> {
  const files = new Map<string, string>();
  for (const file of certificateFiles(tls, configFile)) files.set(file, await digestFile(file));
  const renew = async (): Promise<void> => {
    try {
      transport.renew(await readCertificates(tls, configFile, now()));
      log.info({}, 'the certificate was renewed');
    } catch (error) {
      log.error({ error: String(error) }, 'the new certificate was not taken; the old one goes on');
    }
  };
  return await watchFiles({ files, onChange: () => void renew() });
}
