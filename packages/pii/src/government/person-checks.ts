// Check digits of national numbers. The form was tested before, so the digits stand where they are looked for.
import { digitAt, isMonthDay, isRepeated, luhn, pair, weighted } from '../checksum.ts';

export const mod11 = (text: string, weights: readonly number[], at: number): boolean => {
  const rest = 11 - (weighted(text, weights) % 11);
  return (rest === 11 ? 0 : rest) === digitAt(text, at);
};

const letters23 = 'TRWAGMYFPDXBNJZSQVHLCKE';
export const spanish = (text: string): boolean =>
  letters23[Number(text.slice(0, 8).replace('X', '0').replace('Y', '1').replace('Z', '2')) % 23] === text[8];

const oddValues = [
  1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
] as const;
export const codice = (text: string): boolean => {
  let sum = 0;
  for (let at = 0; at < 15; at += 1) {
    const code = text.charCodeAt(at);
    const value = code >= 65 ? code - 65 : code - 48;
    sum += at % 2 === 0 ? oddValues[value]! : value;
  }
  return String.fromCharCode(65 + (sum % 26)) === text[15];
};

export const insee = (text: string): boolean => {
  const body = text.slice(0, 13).replace('2A', '19').replace('2B', '18');
  return 97 - Number(BigInt(body) % 97n) === Number(text.slice(13));
};

export const bsn = (text: string): boolean =>
  !isRepeated(text) && weighted(text, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0;
export const luhnDate = (text: string): boolean => isMonthDay(pair(text, 2), pair(text, 4) % 60) && luhn(text);
export const rrn = (text: string): boolean =>
  isMonthDay(pair(text, 2), pair(text, 4)) &&
  (11 - (weighted(text, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11)) % 10 === digitAt(text, 12);
export const chinese = (text: string): boolean =>
  isMonthDay(pair(text, 10), pair(text, 12)) &&
  '10X98765432'[weighted(text, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11] === text[17];
export const cpf = (text: string): boolean => {
  if (isRepeated(text)) return false;
  const first = ((weighted(text, [10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11) % 10;
  const second = ((weighted(text, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11) % 10;
  return first === digitAt(text, 9) && second === digitAt(text, 10);
};
export const pesel = (text: string): boolean =>
  isMonthDay(pair(text, 2) % 20, pair(text, 4)) &&
  (10 - (weighted(text, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10 === digitAt(text, 10);
export const myNumber = (text: string): boolean => {
  const rest = weighted(text, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
  return !isRepeated(text) && (rest <= 1 ? 0 : 11 - rest) === digitAt(text, 11);
};
export const hetu = (text: string): boolean =>
  isMonthDay(pair(text, 2), pair(text, 0)) &&
  '0123456789ABCDEFHJKLMNPRSTUVWXY'[Number(text.slice(0, 6) + text.slice(-4, -1)) % 31] === text.at(-1);
export const nric = (text: string): boolean => {
  const sum = weighted(text.slice(1), [2, 7, 6, 5, 4, 3, 2]) + ('TG'.includes(text[0]!) ? 4 : text[0] === 'M' ? 3 : 0);
  const table = 'ST'.includes(text[0]!) ? 'JZIHGFEDCBA' : text[0] === 'M' ? 'KLJNPQRTUWX' : 'XWUTRQPNMLK';
  return table[text[0] === 'M' ? 10 - (sum % 11) : sum % 11] === text[8];
};
export const turkish = (text: string): boolean => {
  const odd = [0, 2, 4, 6, 8].reduce((sum, at) => sum + digitAt(text, at), 0);
  const even = [1, 3, 5, 7].reduce((sum, at) => sum + digitAt(text, at), 0);
  const tenth = (((odd * 7 - even) % 10) + 10) % 10;
  return tenth === digitAt(text, 9) && (odd + even + tenth) % 10 === digitAt(text, 10);
};
export const belgian = (text: string): boolean => {
  const body = Number(text.slice(0, 9));
  const check = pair(text, 9);
  return (
    isMonthDay(pair(text, 2) % 20, Math.max(1, pair(text, 4))) &&
    (97 - (body % 97) === check || 97 - ((2_000_000_000 + body) % 97) === check)
  );
};
export const norwegian = (text: string): boolean =>
  isMonthDay(pair(text, 2) % 40, pair(text, 0) % 40) &&
  mod11(text, [3, 7, 6, 1, 8, 9, 4, 5, 2], 9) &&
  mod11(text, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2], 10);
export const czech = (text: string): boolean =>
  isMonthDay((pair(text, 2) % 50) % 20, pair(text, 4)) &&
  (Number(text) % 11 === 0 || (Number(text.slice(0, 9)) % 11 === 10 && text[9] === '0'));
export const romanian = (text: string): boolean => {
  const rest = weighted(text, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
  return isMonthDay(pair(text, 3), pair(text, 5)) && (rest === 10 ? 1 : rest) === digitAt(text, 12);
};
export const bulgarian = (text: string): boolean =>
  isMonthDay(pair(text, 2) % 20, pair(text, 4)) &&
  (weighted(text, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10 === digitAt(text, 9);
export const baltic = (text: string): boolean => {
  let rest = weighted(text, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
  if (rest === 10) rest = weighted(text, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
  return isMonthDay(pair(text, 3), pair(text, 5)) && rest % 10 === digitAt(text, 10);
};
export const israeli = (text: string): boolean => luhn(text);
export const thai = (text: string): boolean =>
  (11 - (weighted(text, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 10 === digitAt(text, 12);
export const chilean = (text: string): boolean => {
  const body = text.slice(0, -1);
  let sum = 0;
  for (let at = 0; at < body.length; at += 1) sum += digitAt(body, body.length - 1 - at) * (2 + (at % 6));
  return '0K987654321'[sum % 11] === text.at(-1);
};
export const emirates = (text: string): boolean => text.startsWith('784') && luhn(text);
export const ahv = (text: string): boolean =>
  (10 - (weighted(text, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]) % 10)) % 10 === digitAt(text, 12);
export const taiwan = (text: string): boolean => {
  const value = 10 + 'ABCDEFGHJKLMNPQRSTUVXYWZIO'.indexOf(text[0]!);
  return (Math.floor(value / 10) + (value % 10) * 9 + weighted(text.slice(1), [8, 7, 6, 5, 4, 3, 2, 1, 1])) % 10 === 0;
};
export const hongKong = (text: string): boolean => {
  const body = text.length === 8 ? ` ${text}` : text;
  let sum = 0;
  for (let at = 0; at < 8; at += 1) {
    const char = body[at]!;
    sum += (char === ' ' ? 36 : char >= 'A' ? char.charCodeAt(0) - 55 : Number(char)) * (9 - at);
  }
  return '0A987654321'[sum % 11] === body[8];
};
