const fillers =
  /^(?:x{3,}|\*{3,}|\.{3,}|-{3,}|_{3,}|#{3,}|0+|1+|(?:1234567890?)+|abc(?:123|def)?|null|nil|none|undefined|true|false|yes|no|on|off|empty|default|string|str|number|int|text|bool(?:ean)?|any|unknown|object|required|optional|redacted|hidden|masked|removed|n\/?a|tbd|todo|fixme|changeme|change[-_ ]?(?:me|this|it)|replace[-_ ]?(?:me|this|with)?[\w-]*|insert[-_ ]?[\w-]*|enter[-_ ]?[\w-]*|your[-_ ]?[\w-]*|my[-_]?(?:secret|token|key|api[-_]?key|password)|example[\w-]*|sample[\w-]*|dummy[\w-]*|placeholder[\w-]*|test|foo|bar|baz|foobar|here|value|token|secret|key|api[-_]?key|password|passwd|credentials?|bearer|basic|env|file|plain|input|output|left|right|center)$/iu;
const templates =
  /\$\{|\$\(|\{\{|\}\}|<%|%>|^<[^>]*>?$|^%[^%\s]+%$|^\$[A-Za-z_]\w*$|^\[[^\]]*\]?$|^#\{|^@\w+@$|^\{\w*\}?$|^\(|\$\{\{|^&[A-Za-z]|^!(?:ref|sub|env|vault)/iu;
const code =
  /^(?:this|self|process|os|env|config|cfg|settings|options|opts|args|params|req|request|res|props|state|ctx|data|user|event|window|document|import|require|new|await|function|async|typeof|return|const|let|var)[.[(\s]|^[A-Za-z_$][\w$]*(?:(?:\.|\?\.|::|->)[A-Za-z_$][\w$]*)*[([]|=>|^(?:[A-Za-z_$][\w$]*\.)+[A-Za-z_$][\w$]*\.?$/u;

/** A stand-in rather than a secret: fillers, templates, references to a variable. */
export const isPlaceholder = (value: string): boolean =>
  fillers.test(value) || templates.test(value) || (/(.)\1{7,}/u.test(value) && new Set(value).size < 5);

/** An expression of a programming language where an unquoted value stands. */
export const isExpression = (value: string): boolean => code.test(value);

const measured = 128;
const counts = new Uint16Array(256);
/** `n log2 n` for every count there can be. */
const weight = Float64Array.from({ length: measured + 1 }, (_, count) => (count === 0 ? 0 : count * Math.log2(count)));

/** Bits per character by its own letter counts (Shannon), of the first 128 characters. */
export function entropyOf(text: string): number {
  const length = Math.min(text.length, measured);
  if (length === 0) return 0;
  for (let at = 0; at < length; at += 1) counts[text.charCodeAt(at) & 255]! += 1;
  let sum = 0;
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at) & 255;
    sum += weight[counts[code]!]!;
    counts[code] = 0;
  }
  return Math.log2(length) - sum / length;
}

const dull =
  /^(?:[a-z]+:\/\/|\.{0,2}\/|[A-Za-z]:\\)|^\d{4}-\d{2}-\d{2}|^(?:sha(?:1|256|384|512)|md5)[-:]|\.(?:json|ya?ml|pem|key|crt|txt|js|ts|py|html?|png|env|cfg|conf|ini|xml|md)$|^[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,63}$/iu;
const words = /^[A-Za-z]+(?:[-_. ][A-Za-z]+)*\d{0,2}$|^[a-z]+(?:[A-Z][a-z]+)+\d{0,2}$/u;

/** True for a text that looks drawn at random: long enough, mixed, not words, not a path or an address. */
export function looksRandom(value: string, least: number): boolean {
  if (value.length < least || /\s/u.test(value) || dull.test(value) || words.test(value)) return false;
  if (!/\d/u.test(value) && !(value.length >= 24 && /[a-z]/u.test(value) && /[A-Z]/u.test(value))) return false;
  if (!/[A-Za-z]/u.test(value)) return false;
  return entropyOf(value) >= (value.length >= 20 ? 3 : 2.6);
}
