import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { digestToBase64, hashLeaf } from '../merkle/tree-hash.ts';
import { openCheckpoint, parseVerifierKey, signCheckpoint, splitNotes } from './checkpoint.ts';
import { ed25519Signer, isKeyName, keyId, verifierKey } from './signer.ts';

const make = (name = 'example.com/log') => ed25519Signer({ name, ...generateKeyPairSync('ed25519') });
const root = hashLeaf(Buffer.from('leaf'));

test('a known verifier key and note of the C2SP signed-note format are read', () => {
  // From the golang.org/x/mod/sumdb/note documentation.
  const vkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  const key = parseVerifierKey(vkey);
  expect(key.name).toBe('PeterNeumann');
  const note =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
  expect(openCheckpoint(note, [key])).toBe('a line is missing');
});

describe('opening', () => {
  const signer = make();
  const trusted = [parseVerifierKey(verifierKey(signer))];

  test('what was signed comes back', async () => {
    const note = await signCheckpoint(signer, 42, root);
    expect(openCheckpoint(note, trusted)).toEqual({ origin: 'example.com/log', size: 42, root });
    expect(note.split('\n').slice(0, 2)).toEqual(['example.com/log', '42']);
  });

  test('any single changed bit is refused', async () => {
    const note = Buffer.from(await signCheckpoint(signer, 42, root));
    for (let bit = 0; bit < note.length * 8; bit += 1) {
      const changed = Buffer.from(note);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(openCheckpoint(changed.toString(), trusted), `bit ${bit}`).toBeTypeOf('string');
    }
  });

  test('a key speaks for its own origin only', () => {
    const text = `example.com/other\n42\n${digestToBase64(root)}\n`;
    const line = (name: string): string => {
      const blob = Buffer.concat([
        keyId(name, signer.publicKey),
        Buffer.from(signer.sign(Buffer.from(text)) as Uint8Array),
      ]);
      return `\u2014 ${name} ${blob.toString('base64')}\n`;
    };
    expect(openCheckpoint(`${text}\n${line('example.com/log')}`, trusted)).toMatch(/no trusted key/);
    expect(openCheckpoint(`${text}\n${line('example.com/other')}`, trusted)).toMatch(/no trusted key/);
  });

  test('unknown signers are skipped, a wrong signature of a known one is fatal, names are bound to keys', async () => {
    const note = await signCheckpoint(signer, 42, root);
    const witness = (await signCheckpoint(make('witness.example'), 42, root)).split('\n').at(-2)!;
    expect(openCheckpoint(`${note}${witness}\n`, trusted)).toMatchObject({ size: 42 });
    const other = await signCheckpoint(signer, 43, root);
    expect(openCheckpoint(`${note}${other.split('\n').at(-2)}\n`, trusted)).toBe('the signature is wrong');
    const sameKeyOtherName = { ...trusted[0]!, name: 'example.com/other' };
    expect(openCheckpoint(note, [sameKeyOtherName])).toMatch(/no trusted key/);
    expect(openCheckpoint(note, [])).toMatch(/no trusted key/);
  });

  test.each(['', 'x', 'a\n1\n', 'a\n1\nb\n\n', '\n\n\n\n', 'a\n01\nAAAA\n\n\u2014 a AAAA\n'])(
    'garbage %j is refused without throwing',
    (text) => {
      expect(openCheckpoint(text, trusted)).toBeTypeOf('string');
    },
  );
});

test('notes that follow each other are told apart', async () => {
  const signer = make();
  const notes = [
    await signCheckpoint(signer, 1, root),
    await signCheckpoint(signer, 2, root),
    await signCheckpoint(signer, 3, root),
  ];
  expect(splitNotes(notes.join(''))).toEqual(notes);
  expect(splitNotes('')).toEqual([]);
});

test('a signer that answers nonsense or fails is reported', async () => {
  const signer = make();
  await expect(signCheckpoint({ ...signer, sign: () => new Uint8Array(3) }, 1, root)).rejects.toMatchObject({
    code: 'ERR_AUDIT_SIGNER_FAILED',
  });
  const failing = { ...signer, sign: () => Promise.reject(new Error('away')) };
  await expect(signCheckpoint(failing, 1, root)).rejects.toMatchObject({
    code: 'ERR_AUDIT_SIGNER_FAILED',
    cause: new Error('away'),
  });
});

test('misuse is a TypeError at construction', () => {
  for (const name of ['', 'a b', 'a+b', 'a\nb']) {
    expect(isKeyName(name)).toBe(false);
    expect(() => make(name)).toThrow(TypeError);
  }
  expect(() => ed25519Signer({ name: 'x', ...generateKeyPairSync('x25519') })).toThrow(TypeError);
  const vkey = verifierKey(make());
  for (const wrong of ['', 'a+b', vkey.slice(1), `${vkey}A`, vkey.replace('+', '+0')])
    expect(() => parseVerifierKey(wrong)).toThrow(TypeError);
});
