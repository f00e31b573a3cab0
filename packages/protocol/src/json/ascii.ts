/**
 * JSON text with every character beyond ASCII escaped; such characters stand inside strings only. The result means the same
 * in a decoded text and in a binary string (one character for each byte), so it can be put into either.
 */
export function asciiText(json: string): string {
  return /[\u0080-\uffff]/.test(json)
    ? json.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : json;
}
