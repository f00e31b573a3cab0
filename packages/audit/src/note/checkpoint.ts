import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { AuditError } from '../audit-error.ts';
import { digestFromBase64, digestToBase64 } from '../merkle/tree-hash.ts';
import type { Digest } from '../merkle/tree-hash.ts';
import { isKeyName, keyId } from './signer.ts';
import type { Signer } from './signer.ts';

/** What a C2SP tlog-checkpoint states. */
export interface Checkpoint {
  origin: string;
  size: number;
  root: Digest;
}

export interface TrustedKey {
  name: string;
  id: Buffer;
  key: KeyObject;
}

const ED25519_SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const SIGNATURE_BYTES = 64;

/** Parses a verifier key. Throws TypeError when it is malformed or its key id does not fit. */
export function parseVerifierKey(vkey: string): TrustedKey {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(vkey);
  const tagged = match ? Buffer.from(match[3]!, 'base64') : Buffer.alloc(0);
  if (
    !match ||
    !isKeyName(match[1]!) ||
    tagged.length !== 33 ||
    tagged[0] !== 1 ||
    tagged.toString('base64') !== match[3]
  ) {
    throw new TypeError('A verifier key has the form name+hex key id+base64 of 0x01 and an Ed25519 public key.');
  }
  const name = match[1]!;
  const raw = tagged.subarray(1);
  const id = keyId(name, raw);
  if (id.toString('hex') !== match[2])
    throw new TypeError('The key id of the verifier key does not fit its name and key.');
  return {
    name,
    id,
    key: createPublicKey({ key: Buffer.concat([ED25519_SPKI_PREFIX, raw]), format: 'der', type: 'spki' }),
  };
}

/** Signs a checkpoint as a C2SP signed note. Throws AuditError ERR_AUDIT_SIGNER_FAILED. */
export async function signCheckpoint(signer: Signer, size: number, root: Digest): Promise<string> {
  const text = `${signer.name}\n${size}\n${digestToBase64(root)}\n`;
  let signature: Uint8Array;
  try {
    signature = await signer.sign(Buffer.from(text));
  } catch (cause) {
    throw new AuditError('ERR_AUDIT_SIGNER_FAILED', 'The checkpoint could not be signed.', {
      cause,
      retryAfterSeconds: 5,
    });
  }
  if (signature.length !== SIGNATURE_BYTES) {
    throw new AuditError('ERR_AUDIT_SIGNER_FAILED', 'The signer did not return a 64 byte Ed25519 signature.');
  }
  const blob = Buffer.concat([keyId(signer.name, signer.publicKey), signature]).toString('base64');
  return `${text}\n\u2014 ${signer.name} ${blob}\n`;
}

const SIGNATURE_LINE = /^\u2014 (\S+) ([A-Za-z0-9+/]+=*)$/;

/**
 * Opens a signed checkpoint: at least one trusted key whose name is the origin must have signed it. Lines of other
 * signers (witnesses) are skipped. Returns a sentence saying what is wrong instead of throwing.
 */
export function openCheckpoint(note: string, trusted: readonly TrustedKey[]): Checkpoint | string {
  const gap = note.indexOf('\n\n');
  if (gap < 0 || !note.endsWith('\n')) return 'it is not a signed note';
  const text = note.slice(0, gap + 1);
  const [origin, sizeText, rootText, ...extensions] = text.slice(0, -1).split('\n');
  if (origin === undefined || sizeText === undefined || rootText === undefined || extensions.includes(''))
    return 'a line is missing';
  if (!/^(0|[1-9][0-9]{0,15})$/.test(sizeText)) return 'the size is not a number';
  const root = digestFromBase64(rootText);
  if (root === undefined) return 'the root hash is malformed';
  const keys = trusted.filter((key) => key.name === origin);
  if (keys.length === 0) return `no trusted key has the name of the origin ${JSON.stringify(origin)}`;
  let signed = false;
  for (const line of note.slice(gap + 2, -1).split('\n')) {
    const match = SIGNATURE_LINE.exec(line);
    const blob = match ? Buffer.from(match[2]!, 'base64') : undefined;
    if (!match || !blob || blob.toString('base64') !== match[2]) return 'a signature line is malformed';
    const key = keys.find((one) => one.name === match[1] && one.id.equals(blob.subarray(0, 4)));
    if (!key) continue;
    // The format says a note with a wrong signature of a known key is to be refused as a whole.
    if (!verify(null, Buffer.from(text), key.key, blob.subarray(4))) return 'the signature is wrong';
    signed = true;
  }
  return signed ? { origin, size: Number(sizeText), root } : 'no trusted key signed it';
}

/** Splits a file in which signed notes follow each other. */
export function splitNotes(text: string): string[] {
  const notes: string[] = [];
  let current = '';
  let inSignatures = false;
  for (const line of text.split(/(?<=\n)/)) {
    if (inSignatures && !line.startsWith('\u2014 ')) {
      notes.push(current);
      current = '';
      inSignatures = false;
    }
    current += line;
    if (line.startsWith('\u2014 ')) inSignatures = true;
  }
  if (current !== '') notes.push(current);
  return notes;
}
