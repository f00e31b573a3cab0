import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `sks_<env>_<id: 10><_><secret: 43><crc: 6>`; secret scanners can find it by this expression. */
const KEY = /^(sks_([a-z0-9]{1,16})_([0-9A-Za-z]{10})_[0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

/** Source of random bytes; the default is the system's generator. */
export type RandomBytes = (size: number) => Uint8Array;

/** The public parts of a key. */
export interface KeyParts {
  readonly environment: string;
  readonly keyId: string;
}

/** @throws TypeError when the name cannot stand in a key. */
export function checkEnvironment(environment: string): string {
  if (!/^[a-z0-9]{1,16}$/.test(environment)) throw new TypeError('"environment" option must be 1 to 16 of a-z and 0-9');
  return environment;
}

/** A new key with 256 random bits, to be shown once and stored nowhere. */
export function newKeyText(
  environment: string,
  random: RandomBytes = randomBytes,
): { readonly key: string; readonly keyId: string } {
  const keyId = randomBase62(10, random);
  const body = `sks_${checkEnvironment(environment)}_${keyId}_${randomBase62(43, random)}`;
  return { key: body + checksum(body), keyId };
}

/** Reads a key and checks its checksum: a mistyped key is told from a wrong one without asking the store. */
export function readKeyText(text: string): KeyParts | undefined {
  const match = KEY.exec(text);
  if (match === null) return undefined;
  const [, body = '', environment = '', keyId = '', crc = ''] = match;
  return checksum(body) === crc ? { environment, keyId } : undefined;
}

function checksum(body: string): string {
  let value = crc32(body);
  let text = '';
  for (let digit = 0; digit < 6; digit += 1) {
    text = ALPHABET.charAt(value % 62) + text;
    value = Math.floor(value / 62);
  }
  return text;
}

/** Every character equally likely: bytes of 248 and above are thrown away, since 62 does not divide 256. */
function randomBase62(length: number, random: RandomBytes): string {
  let text = '';
  while (text.length < length) {
    for (const byte of random(length)) {
      if (byte < 248 && text.length < length) text += ALPHABET.charAt(byte % 62);
    }
  }
  return text;
}
