/** Digits of a compact text as numbers; letters become NaN, so callers check the form first. */
const digit = (text: string, at: number): number => text.charCodeAt(at) - 48;

/** Luhn's sum (ISO/IEC 7812-1 annex B): valid when the doubled alternate digits sum to a multiple of ten. */
export function luhn(text: string): boolean {
  let sum = 0;
  let double = false;
  for (let at = text.length - 1; at >= 0; at -= 1) {
    let value = digit(text, at);
    if (double) value = value > 4 ? value * 2 - 9 : value * 2;
    sum += value;
    double = !double;
  }
  return sum % 10 === 0;
}

/** Sum of digit times weight over the first `weights.length` digits. */
export function weighted(text: string, weights: readonly number[]): number {
  let sum = 0;
  for (const [at, weight] of weights.entries()) sum += digit(text, at) * weight;
  return sum;
}

/** Remainder of a number written in digits and letters (A = 10), for ISO 7064 mod 97-10. */
export function mod97(text: string): number {
  let rest = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    rest = code >= 65 ? (rest * 100 + code - 55) % 97 : (rest * 10 + code - 48) % 97;
  }
  return rest;
}

/** ISO 7064 mod 11,10, as in German tax and VAT numbers. */
export function mod11and10(text: string): boolean {
  let product = 10;
  for (let at = 0; at < text.length - 1; at += 1) {
    let sum = (digit(text, at) + product) % 10;
    if (sum === 0) sum = 10;
    product = (sum * 2) % 11;
  }
  return (11 - product) % 10 === digit(text, text.length - 1);
}

const dihedral = [
  '0123456789',
  '1234067895',
  '2340178956',
  '3401289567',
  '4012395678',
  '5987604321',
  '6598710432',
  '7659821043',
  '8765932104',
  '9876543210',
];
const permutation = [
  '0123456789',
  '1576283094',
  '5803796142',
  '8916043527',
  '9453126870',
  '4286573901',
  '2793806415',
  '7046913258',
];

/** Verhoeff's check over the dihedral group of order ten, as in Aadhaar. */
export function verhoeff(text: string): boolean {
  let state = 0;
  for (let at = 0; at < text.length; at += 1) {
    const value = digit(permutation[at % 8]!, digit(text, text.length - 1 - at));
    state = digit(dihedral[state]!, value);
  }
  return state === 0;
}

/** A date of a century that is not stated: month 1 to 12, day 1 to 31. */
export const isMonthDay = (month: number, day: number): boolean => month >= 1 && month <= 12 && day >= 1 && day <= 31;

/** Two digits as a number. */
export const pair = (text: string, at: number): number => digit(text, at) * 10 + digit(text, at + 1);

/** True when all characters are the same: a filler, not a number of someone. */
export function isRepeated(text: string): boolean {
  for (let at = 1; at < text.length; at += 1) if (text[at] !== text[0]) return false;
  return true;
}

export { digit as digitAt };
