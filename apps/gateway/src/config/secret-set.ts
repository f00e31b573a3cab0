import { escapePattern } from './escape-pattern.ts';

/** Values that must not be shown: what came out of an expansion, or stands openly in a header or a variable for secrets. */
export type SecretSet = {
  /**
   * @param doubtful it is kept off screens and logs in case it is a secret, but its name does not say so: looked for in content
   * it might be an ordinary word, such as a folder. Default false.
   */
  add(value: string, doubtful?: boolean): void;
  /** The secrets that no content may hold: those without doubt, their long lines too, but no plain words and nothing short. */
  exact(): readonly string[];
  /** The text with every known secret replaced by `****`. */
  mask(text: string): string;
  /** The same for every text inside a value, keys included; the value itself is left alone. */
  maskDeep<Value>(value: Value): Value;
};

/** Shorter ones would take ordinary words and numbers out of every message, and protect nothing. */
const leastLength = 4;
/** Content is full of short words, and some passwords are one: `postgres` must not vanish from every page about databases. */
const isTelling = (value: string): boolean =>
  value.length >= 20 || (value.length >= 8 && !/^[A-Za-z][a-z]*$|^[A-Z]+$/.test(value) && !publicValue.test(value));

export function createSecretSet(): SecretSet {
  const known = new Set<string>();
  const exact = new Set<string>();
  let pattern: RegExp | undefined;

  function mask(text: string): string {
    if (known.size === 0) return text;
    // The longest first, or a secret that begins like another would leave its end behind.
    pattern ??= new RegExp(
      [...known]
        .sort((a, b) => b.length - a.length)
        .map((value) => escapePattern(value))
        .join('|'),
      'g',
    );
    return text.replace(pattern, '****');
  }

  return {
    add(value, doubtful = false) {
      if (!doubtful) for (const part of [value.trim(), ...longLines(value)]) if (isTelling(part)) exact.add(part);
      // A secret is also recognised inside a URL, inside JSON, and line by line, as programs print keys.
      const forms = [
        value,
        encodeURIComponent(value.toWellFormed()),
        JSON.stringify(value).slice(1, -1),
        ...longLines(value),
      ];
      for (const form of [...forms, ...forms.map((text) => text.trim())]) {
        if (form.length >= leastLength) known.add(form);
      }
      pattern = undefined;
    },
    exact: () => [...exact],
    mask,
    maskDeep<Value>(value: Value): Value {
      const walk = (part: unknown): unknown => {
        if (typeof part === 'string') return mask(part);
        if (Array.isArray(part)) return part.map(walk);
        if (typeof part !== 'object' || part === null) return part;
        return Object.fromEntries(Object.entries(part).map(([key, inner]) => [mask(key), walk(inner)]));
      };
      return walk(value) as Value;
    },
  };
}

function longLines(value: string): string[] {
  return value.split(/\r?\n/).filter((line) => line.length >= 16);
}

const publicNames =
  /^(?:HOME|USER|USERNAME|LOGNAME|PATH|PWD|SHELL|LANG|LC_\w+|TERM|TMPDIR|TEMP|TMP|HOST|HOSTNAME|PORT|NODE_ENV|EDITOR|XDG_\w+|\w*_(?:HOST|PORT|DIR|HOME|REGION|ENV|LEVEL))$/i;
const publicValue =
  /^(?:true|false|yes|no|on|off|localhost|production|development|test|\d{1,5}|(?:\d{1,3}\.){3}\d{1,3})$/i;
const secretNames =
  /token|secret|passw|pwd|api.?key|access.?key|private.?key|credential|authorization|cookie|bearer|^key$|_key$|-key$|_pat$|dsn|connection.?string/i;

/** Whether the value of a variable is kept out of sight. When in doubt, yes. */
export function isSecretVariable(name: string, value: string): boolean {
  return (
    value.length >= leastLength &&
    (secretNames.test(name) || !(publicNames.test(name) || publicValue.test(value) || value.length < 6))
  );
}

export function isSecretName(name: string): boolean {
  return secretNames.test(name);
}

/** The secret parts of a header's value: the whole, and without the scheme in front ("Bearer", "Basic"). */
export function secretPartsOfHeader(value: string): string[] {
  const bare = /^(?:Bearer|Basic|Token|ApiKey|DPoP|Digest)\s+(?<rest>.+)$/is.exec(value.trim())?.groups?.['rest'];
  return bare === undefined ? [value] : [bare];
}
