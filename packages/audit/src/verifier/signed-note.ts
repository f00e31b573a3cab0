import { createHash, createPublicKey, verify } from 'node:crypto';

export interface Key {
  name: string;
  id: string;
  publicKey: ReturnType<typeof createPublicKey>;
}
export interface Note {
  size: number;
  root: string;
}

/** Reads `name+hex key id+base64`; throws when the parts do not belong together. */
export function readKey(vkey: string): Key {
  const plus = vkey.lastIndexOf('+', vkey.indexOf('+') + 9);
  const [name, id] = vkey.slice(0, plus).split('+');
  const data = Buffer.from(vkey.slice(plus + 1), 'base64');
  const wanted = createHash('sha256').update(`${name}\n`).update(data).digest('hex').slice(0, 8);
  if (!name || data.length !== 33 || data[0] !== 1 || wanted !== id) throw new Error(`not a verifier key: ${vkey}`);
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: data.subarray(1).toString('base64url') };
  return { name, id, publicKey: createPublicKey({ key: jwk, format: 'jwk' }) };
}

/** Base64 that has one spelling only. */
function decode(text: string, bytes: number): Buffer | undefined {
  const data = Buffer.from(text, 'base64');
  return data.length === bytes && data.toString('base64') === text ? data : undefined;
}

/** A note is a body of lines, an empty line, and signature lines that begin with a dash. */
export function readNote(note: string, keys: readonly Key[]): Note | string {
  const cut = note.indexOf('\n\n');
  if (cut < 0 || !note.endsWith('\n')) return 'not a signed note';
  const body = note.slice(0, cut + 1);
  const [origin = '', size = '', rootText = ''] = body.split('\n');
  const root = decode(rootText, 32);
  if (!/^(0|[1-9]\d{0,15})$/.test(size) || !root) return 'size or root is malformed';
  let signed = false;
  for (const line of note.slice(cut + 2, -1).split('\n')) {
    const [dash, name, text = ''] = line.split(' ');
    const data = Buffer.from(text, 'base64');
    if (dash !== '\u2014' || data.toString('base64') !== text) return 'malformed signature line';
    const key = keys.find((one) => one.name === name && one.name === origin && one.id === data.toString('hex', 0, 4));
    if (!key) continue;
    if (data.length !== 68 || !verify(null, Buffer.from(body), key.publicKey, data.subarray(4)))
      return 'wrong signature';
    signed = true;
  }
  return signed ? { size: Number(size), root: root.toString('hex') } : `not signed by a given key (origin ${origin})`;
}
