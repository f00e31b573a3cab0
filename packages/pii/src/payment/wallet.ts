import { createHash } from 'node:crypto';
import type { AnchorRule, RunRule, Scan } from '../rule.ts';

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const sha = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** True when the last four bytes are the double SHA-256 of the rest (Base58Check). */
export function isBase58Check(text: string): boolean {
  let value = 0n;
  for (const char of text) {
    const index = alphabet.indexOf(char);
    if (index < 0) return false;
    value = value * 58n + BigInt(index);
  }
  const bytes = Buffer.from(value.toString(16).padStart(50, '0'), 'hex');
  return (
    bytes.length === 25 &&
    sha(sha(bytes.subarray(0, 21)))
      .subarray(0, 4)
      .equals(bytes.subarray(21))
  );
}

const charset = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** Check sum of a SegWit address: 1 for Bech32 (BIP 173), 0x2bc830a3 for Bech32m (BIP 350). */
export function isBech32(text: string): boolean {
  const lower = text.toLowerCase();
  const split = lower.lastIndexOf('1');
  let check = 1;
  const feed = (value: number): void => {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    for (const [bit, mask] of generator.entries()) if ((top >>> bit) & 1) check ^= mask;
  };
  const human = lower.slice(0, split);
  for (const char of human) feed(char.charCodeAt(0) >> 5);
  feed(0);
  for (const char of human) feed(char.charCodeAt(0) & 31);
  for (const char of lower.slice(split + 1)) {
    const value = charset.indexOf(char);
    if (value < 0) return false;
    feed(value);
  }
  return check === 1 || check === 0x2bc830a3;
}

const isWordAt = (scan: Scan, at: number): boolean => at >= scan.lo && at < scan.hi && /\w/u.test(scan.text[at]!);
const ethereum = /0x[0-9a-fA-F]{40}(?![0-9a-zA-Z])/y;
const segwit = /(?:bc|tb|ltc)1[02-9ac-hj-np-z]{11,87}(?![0-9a-zA-Z])/iy;

/** Ethereum and SegWit addresses, which say what they are by their prefix. */
export const prefixedWallet: AnchorRule = {
  kind: 'anchor',
  id: 'payment/wallet',
  label: 'CRYPTO_WALLET',
  anchors: ['0x', 'bc1', 'tb1', 'ltc1'],
  match(scan, start) {
    if (isWordAt(scan, start - 1)) return 0;
    const form = scan.text[start] === '0' ? ethereum : segwit;
    form.lastIndex = start;
    if (!form.test(scan.text) || form.lastIndex > scan.hi) return 0;
    if (form === segwit && !isBech32(scan.text.slice(start, form.lastIndex))) return 0;
    // Forty equal or ascending digits are a burn address or an example, not somebody's.
    if (form === ethereum && /^0x(.)\1{39}$/u.test(scan.text.slice(start, form.lastIndex))) return 0;
    scan.add(start, form.lastIndex, 'CRYPTO_WALLET', 'payment/wallet', 0.95);
    return form.lastIndex;
  },
};

/** Older Bitcoin, Litecoin, Dogecoin and Tron addresses, known by their check sum. */
export const legacyWallet: RunRule = {
  kind: 'run',
  id: 'payment/wallet-legacy',
  label: 'CRYPTO_WALLET',
  firstGroup: [26, 35],
  match(scan, run) {
    const start = run.starts[0]!;
    const end = run.ends[0]!;
    const length = end - start;
    if (length < 26 || length > 35 || !'13LMDT9A'.includes(scan.text[start]!)) return 0;
    if (!isBase58Check(scan.text.slice(start, end))) return 0;
    scan.add(start, end, 'CRYPTO_WALLET', 'payment/wallet-legacy', 0.97);
    return end;
  },
};
