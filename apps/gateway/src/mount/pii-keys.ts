import { hkdfSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readOrMakePrivate } from '../private-file.ts';
import type { PiiSection } from './pii-section.ts';

/** What tokens, hashes and numbers of the same form are made with. */
export type PiiKeys = {
  /** The first makes tokens, all of them open some. */
  readonly tokens: readonly { readonly id: number; readonly secret: Uint8Array }[];
  readonly hash: { readonly id: string; readonly secret: Uint8Array };
  readonly format: Uint8Array;
};

const LENGTH = 32;

/**
 * The keys of the section, or those of the state folder, which are made when they are needed for the first time.
 *
 * @throws Error when the file is not one that was written here
 * @throws ExposedFileError when others can read it
 */
export async function openPiiKeys(
  { key, previousKeys }: Pick<PiiSection, 'key' | 'previousKeys'>,
  stateFolder: string,
): Promise<PiiKeys> {
  const masters = [
    key === undefined ? await ownKey(stateFolder) : Buffer.from(key, 'utf8'),
    ...previousKeys.map((one) => Buffer.from(one, 'utf8')),
  ];
  const first = masters[0]!;
  const derive = (master: Uint8Array, purpose: string, length = LENGTH): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', master, '', `sekisho pii ${purpose}`, length));
  const tokens = masters.map((master) => ({ id: derive(master, 'id', 1)[0]!, secret: derive(master, 'tokens') }));
  return {
    // Two keys of one id cannot be told apart; the newer one is meant.
    tokens: tokens.filter(({ id }, at) => tokens.findIndex((one) => one.id === id) === at),
    hash: { id: Buffer.from(derive(first, 'hash id', 3)).toString('hex'), secret: derive(first, 'hash') },
    format: derive(first, 'format'),
  };
}

async function ownKey(stateFolder: string): Promise<Uint8Array> {
  const file = join(stateFolder, 'pii.key');
  const text = await readOrMakePrivate(file, () => `${randomBytes(LENGTH).toString('base64url')}\n`);
  const key = Buffer.from(text.trim(), 'base64url');
  if (key.length !== LENGTH)
    throw new Error(
      `${file} is no key of the masking. Restore it from a backup; without it, tokens given out are lost.`,
    );
  return key;
}
