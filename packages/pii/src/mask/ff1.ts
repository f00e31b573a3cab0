import { createCipheriv } from 'node:crypto';

const rounds = 10;
/** NIST SP 800-38G revision 1 asks for at least a million possible inputs. */
const leastDomain = 1_000_000n;

function toNumber(digits: readonly number[], radix: bigint): bigint {
  let value = 0n;
  for (const digit of digits) value = value * radix + BigInt(digit);
  return value;
}

function toDigits(value: bigint, radix: bigint, length: number): number[] {
  const digits = Array.from({ length }, () => 0);
  let rest = value;
  for (let at = length - 1; at >= 0; at -= 1) {
    digits[at] = Number(rest % radix);
    rest /= radix;
  }
  return digits;
}

function toBytes(value: bigint, length: number): Buffer {
  return Buffer.from(
    value
      .toString(16)
      .padStart(length * 2, '0')
      .slice(-length * 2),
    'hex',
  );
}

/** One run of FF1 over digits in a radix of 2 to 65,536 (NIST SP 800-38G, algorithms 7 and 8). */
export interface Ff1 {
  encrypt(digits: readonly number[], radix: number, tweak: Uint8Array): number[];
  decrypt(digits: readonly number[], radix: number, tweak: Uint8Array): number[];
}

/**
 * Format-preserving encryption with AES.
 *
 * @param key 16, 24 or 32 bytes.
 * @throws TypeError when the key has another length.
 */
export function createFf1(key: Uint8Array): Ff1 {
  if (![16, 24, 32].includes(key.length)) throw new TypeError('FF1 needs a key of 16, 24 or 32 bytes');
  const name = `aes-${key.length * 8}`;
  const encryptBlocks = (data: Uint8Array): Buffer => {
    const cipher = createCipheriv(`${name}-ecb`, key, null).setAutoPadding(false);
    return Buffer.concat([cipher.update(data), cipher.final()]);
  };
  const lastOfCbc = (data: Uint8Array): Buffer => {
    const cipher = createCipheriv(`${name}-cbc`, key, Buffer.alloc(16)).setAutoPadding(false);
    return Buffer.concat([cipher.update(data), cipher.final()]).subarray(-16);
  };
  const run = (digits: readonly number[], radix: number, tweak: Uint8Array, forward: boolean): number[] => {
    const length = digits.length;
    const big = BigInt(radix);
    if (big ** BigInt(length) < leastDomain)
      throw new RangeError('The value has too few possible forms to be encrypted safely');
    const left = Math.floor(length / 2);
    const right = length - left;
    const width = Math.ceil(Math.ceil(right * Math.log2(radix)) / 8);
    const output = 4 * Math.ceil(width / 4) + 4;
    const head = Buffer.from([
      1,
      2,
      1,
      (radix >> 16) & 255,
      (radix >> 8) & 255,
      radix & 255,
      10,
      left & 255,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
    ]);
    head.writeUInt32BE(length, 8);
    head.writeUInt32BE(tweak.length, 12);
    const padding = (16 - ((tweak.length + width + 1) % 16)) % 16;
    let a = digits.slice(0, left);
    let b = digits.slice(left);
    for (let step = 0; step < rounds; step += 1) {
      const round = forward ? step : rounds - 1 - step;
      const source = forward ? b : a;
      const block = Buffer.concat([
        tweak,
        Buffer.alloc(padding),
        Buffer.from([round]),
        toBytes(toNumber(source, big), width),
      ]);
      const first = lastOfCbc(Buffer.concat([head, block]));
      const stream = [first];
      for (let at = 1; at * 16 < output; at += 1) {
        const counter = Buffer.from(first);
        counter.writeUInt32BE((counter.readUInt32BE(12) ^ at) >>> 0, 12);
        stream.push(encryptBlocks(counter));
      }
      const value = BigInt(`0x${Buffer.concat(stream).subarray(0, output).toString('hex')}`);
      const size = round % 2 === 0 ? left : right;
      const modulus = big ** BigInt(size);
      const target = toNumber(forward ? a : b, big);
      const changed = toDigits(
        (((forward ? target + value : target - value) % modulus) + modulus) % modulus,
        big,
        size,
      );
      if (forward) {
        a = b;
        b = changed;
      } else {
        b = a;
        a = changed;
      }
    }
    return [...a, ...b];
  };
  return {
    encrypt: (digits, radix, tweak) => run(digits, radix, tweak, true),
    decrypt: (digits, radix, tweak) => run(digits, radix, tweak, false),
  };
}
