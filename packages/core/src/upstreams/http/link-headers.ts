/** Takes the headers of one request, flat, and gives them with those that every request has. */
export type HeaderMaker = (own: readonly string[]) => string[];

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// oxlint-disable-next-line no-control-regex -- what a field value must not hold (RFC 9110, 5.5)
const FORBIDDEN_IN_VALUE = /[\0-\x08\x0a-\x1f\x7f]|[^\0-\xff]/;
/** The connection is ours to run, and another Host would choose another certificate. */
const OURS = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'expect',
  'te',
]);

/** Prepare the common part once. Later wins: the operator's over ours, the request's over both; misuse is a TypeError. */
export function prepareHeaders(
  operator: Readonly<Record<string, string>>,
  ours: Readonly<Record<string, string>>,
): HeaderMaker {
  // RFC 9110 reads a missing Accept-Encoding as "anything goes"; bodies are passed on as they come, so say it.
  const common = new Map<string, string>(Object.entries({ 'accept-encoding': 'identity', ...ours }));
  for (const [name, value] of Object.entries(operator)) {
    if (!TOKEN.test(name) || OURS.has(name.toLowerCase())) throw new TypeError(`the header "${name}" cannot be set`);
    if (FORBIDDEN_IN_VALUE.test(value)) throw new TypeError(`the header "${name}" has a character that HTTP forbids`);
    common.set(name.toLowerCase(), value);
  }
  const flat = [...common].flat();

  return (own) => {
    let list = flat;
    for (let i = 0; i < own.length; i += 2) {
      const name = own[i]!.toLowerCase();
      if (common.has(name)) list = without(list, name);
    }
    return list.concat(own);
  };
}

const without = (flat: readonly string[], name: string): string[] => flat.filter((_, i) => flat[i - (i % 2)] !== name);
