import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import {
  bitString,
  der,
  explicit,
  generalizedTime,
  integer,
  objectId,
  octetString,
  sequence,
  setOf,
  TRUE,
  utf8String,
} from './der.ts';

/**
 * A certificate authority for one box, trusted nowhere else; its key exists only in this process's memory and is gone with the box.
 * X.509 v3 by RFC 5280, ECDSA on P-256 with SHA-256 by RFC 5758.
 */
export interface BoxAuthority {
  /** The authority's certificate, PEM. */
  certificate: string;
  /** A TLS server context for this host; made once per host. */
  contextFor(host: string): SecureContext;
}

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';
const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const SUBJECT_KEY_ID = '2.5.29.14';
const AUTHORITY_KEY_ID = '2.5.29.35';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
const CERT_AND_CRL_SIGN = [Buffer.from([0x06]), 1] as const;
const DIGITAL_SIGNATURE = [Buffer.from([0x80]), 7] as const;
const LONGEST_COMMON_NAME = 64;
const HOUR_MS = 3_600_000;
const LIFE_MS = 30 * 24 * HOUR_MS;
const MOST_HOSTS = 1000;

interface Subject {
  name: string;
  publicKey: KeyObject;
  extensions: Buffer[];
}

const newKeys = (): { publicKey: KeyObject; privateKey: KeyObject } =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicBytes = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });
const keyId = (key: KeyObject): Buffer => createHash('sha1').update(publicBytes(key)).digest();
const nameOf = (text: string): Buffer =>
  sequence(setOf(sequence(objectId(COMMON_NAME), utf8String(text.slice(0, LONGEST_COMMON_NAME)))));
const extension = (id: string, value: Buffer, critical = false): Buffer =>
  sequence(objectId(id), ...(critical ? [TRUE] : []), octetString(value));

function certify(
  { name, publicKey, extensions }: Subject,
  issuer: string,
  signingKey: KeyObject,
  nowMs: number,
): string {
  const algorithm = sequence(objectId(ECDSA_WITH_SHA256));
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))), // version 3
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    nameOf(issuer),
    sequence(generalizedTime(nowMs - HOUR_MS), generalizedTime(nowMs + LIFE_MS)),
    nameOf(name),
    publicBytes(publicKey),
    explicit(3, sequence(extension(SUBJECT_KEY_ID, octetString(keyId(publicKey))), ...extensions)),
  );
  const bytes = sequence(body, algorithm, bitString(sign('sha256', body, signingKey)));
  return `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`;
}

/** `now` in ms since 1970. */
export function createAuthority(now: () => number): BoxAuthority {
  const authority = newKeys();
  const name = `Sekisho box ${randomBytes(8).toString('hex')}`;
  const certificate = certify(
    {
      name,
      publicKey: authority.publicKey,
      extensions: [
        extension(BASIC_CONSTRAINTS, sequence(TRUE, integer(Buffer.from([0]))), true),
        extension(KEY_USAGE, bitString(...CERT_AND_CRL_SIGN), true),
      ],
    },
    name,
    authority.privateKey,
    now(),
  );
  const contexts = new Map<string, SecureContext>();
  return {
    certificate,
    contextFor(host) {
      const known = contexts.get(host);
      if (known !== undefined) return known;
      // Under a wildcard the box chooses the names: without a bound it could fill our memory with certificates.
      if (contexts.size >= MOST_HOSTS) contexts.delete(contexts.keys().next().value!);
      const leaf = newKeys();
      const cert = certify(
        {
          name: host,
          publicKey: leaf.publicKey,
          extensions: [
            extension(BASIC_CONSTRAINTS, sequence(), true),
            extension(KEY_USAGE, bitString(...DIGITAL_SIGNATURE), true),
            extension(EXTENDED_KEY_USAGE, sequence(objectId(SERVER_AUTHENTICATION))),
            extension(AUTHORITY_KEY_ID, sequence(der(0x80, keyId(authority.publicKey)))),
            extension(SUBJECT_ALTERNATIVE_NAME, sequence(der(0x82, Buffer.from(host)))),
          ],
        },
        name,
        authority.privateKey,
        now(),
      );
      const context = createSecureContext({
        key: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }),
        cert,
        minVersion: 'TLSv1.2',
      });
      contexts.set(host, context);
      return context;
    },
  };
}
