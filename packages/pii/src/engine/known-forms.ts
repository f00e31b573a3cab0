const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-z])/iy;
const timestamp =
  /(?:19|20)\d\d-[01]\d-[0-3]\d[T ][0-2]\d:[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?(?:Z|[+-][0-2]\d:?[0-5]\d)?/y;

/** End of a UUID or a timestamp whose first word is `text[start, end)`, or 0: nothing in them is looked at further. */
export function knownFormEnd(text: string, start: number, end: number, hi: number): number {
  if (text.charCodeAt(end) !== 45) return 0;
  const form = end - start === 8 ? uuid : end - start === 4 ? timestamp : undefined;
  if (form === undefined) return 0;
  form.lastIndex = start;
  return form.test(text) && form.lastIndex <= hi ? form.lastIndex : 0;
}
