import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import { findUnsafePermission } from '../config/permissions.ts';

export interface TlsSettings {
  readonly cert: string;
  readonly key: string;
  readonly clientCa?: string | undefined;
}

/** Why the files cannot be used: what, and what to do. */
export class CertificateError extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'CertificateError';
  }
}

/** The absolute paths of the files; relative ones stand beside the configuration. */
export function certificateFiles(settings: TlsSettings, configFile: string): readonly string[] {
  const folder = dirname(configFile);
  return [settings.cert, settings.key, ...(settings.clientCa === undefined ? [] : [settings.clientCa])].map((file) =>
    resolve(folder, file),
  );
}

/**
 * Reads certificate and key and looks whether they can serve: that they parse, belong together and are in force. A pair
 * that was half renewed is refused, so that the one in use stays.
 *
 * @throws CertificateError that says which file, why, and what to do
 */
export async function readCertificates(
  settings: TlsSettings,
  configFile: string,
  nowMs: number,
): Promise<SecureContextOptions> {
  const [certFile, keyFile, caFile] = certificateFiles(settings, configFile) as [string, string, string | undefined];
  const [cert, key, ca] = await Promise.all([
    read(certFile),
    read(keyFile),
    caFile === undefined ? undefined : read(caFile),
  ]);
  const unsafe = findUnsafePermission(await stat(keyFile), 'secrets', process.platform);
  if (unsafe !== undefined)
    throw new CertificateError(`The private key ${keyFile} is refused: ${unsafe}. Run: chmod 600 ${keyFile}`);
  const certificate = parse(certFile, () => new X509Certificate(cert));
  const privateKey = parse(keyFile, () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey))
    throw new CertificateError(
      `The key ${keyFile} does not belong to the certificate ${certFile}. Name the pair that was issued together.`,
    );
  if (nowMs > certificate.validToDate.getTime())
    throw new CertificateError(`The certificate ${certFile} expired on ${certificate.validTo}. Renew it.`);
  if (nowMs < certificate.validFromDate.getTime())
    throw new CertificateError(
      `The certificate ${certFile} is not in force before ${certificate.validFrom}. Check the clock of this computer.`,
    );
  return { cert, key, ...(ca === undefined ? {} : { ca }) };
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new CertificateError(`${file} cannot be read (${code}). "listen.tls" in the configuration names it.`, {
      cause,
    });
  }
}

function parse<T>(file: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new CertificateError(`${file} is not in PEM form, or is protected by a passphrase.`, { cause });
  }
}
