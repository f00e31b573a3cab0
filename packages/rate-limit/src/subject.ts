import { hash } from 'node:crypto';
import { addressKey } from './address.ts';
import { RateLimitError } from './errors.ts';

/**
 * Who does what, as far as limits are concerned. Take every value from what was checked (the token, the parsed body),
 * never from a header that nobody compared with the body.
 */
export interface Subject {
  /** Network address of the client, as a host that knows its proxies reports it. IPv6 counts as its /64 network. */
  readonly address?: string | undefined;
  /** Id of the API key (not the key itself). */
  readonly apiKey?: string | undefined;
  readonly principal?: string | undefined;
  readonly tenant?: string | undefined;
  readonly server?: string | undefined;
  readonly tool?: string | undefined;
  /** The MCP method, such as `tools/call`. */
  readonly method?: string | undefined;
}

export type Dimension = keyof Subject;

export const DIMENSIONS: readonly Dimension[] = [
  'address',
  'apiKey',
  'principal',
  'tenant',
  'server',
  'tool',
  'method',
];

// Names are chosen by callers and may be a megabyte long. From here on a key is replaced by its digest.
const LONGEST_KEY = 96;

/** The value of one dimension as it goes into a key. */
function valueOf(subject: Subject, dimension: Dimension): string | undefined {
  const value = subject[dimension];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') {
    throw new RateLimitError('ERR_RATE_LIMIT_SUBJECT', `subject.${dimension} must be a string, got ${typeof value}`);
  }
  return dimension === 'address' ? addressKey(value) : value;
}

/**
 * Makes the function that names a subject's bucket among those of its rule: `undefined` when the subject lacks one of
 * the dimensions and `absent` is `skip`. Different subjects never share a key: of several dimensions each is preceded
 * by its length. With one dimension the key is the value itself, a string that the caller keeps and whose hash is
 * therefore known: putting keys together costs more than everything else in a decision.
 */
export function keyMaker(by: readonly Dimension[], absent: 'skip' | 'share'): (subject: Subject) => string | undefined {
  const only = by[0];
  if (only === undefined) return () => '!';
  if (by.length === 1) {
    return (subject) => {
      const value = valueOf(subject, only);
      return value === undefined && absent === 'skip' ? undefined : shorten(escape(value));
    };
  }
  return (subject) => {
    let key = '';
    for (const dimension of by) {
      const value = valueOf(subject, dimension);
      if (value === undefined && absent === 'skip') return undefined;
      const text = escape(value);
      key += `${text.length}:${text}`;
    }
    return shorten(key);
  };
}

/** `!` stands for a value that is absent and `#` begins a digest, so values that begin with them get a `!` in front. */
function escape(value: string | undefined): string {
  if (value === undefined) return '!';
  const first = value.charCodeAt(0);
  return first === 33 || first === 35 ? `!${value}` : value;
}

function shorten(key: string): string {
  return key.length <= LONGEST_KEY ? key : `#${hash('sha256', key, 'base64url')}`;
}
