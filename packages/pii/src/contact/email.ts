import { isWordCode } from '../engine/number-run.ts';
import type { AnchorRule, Scan } from '../rule.ts';

const longestLocal = 64;
const isLocalCode = (code: number): boolean =>
  isWordCode(code) ||
  code === 46 ||
  code === 95 ||
  code === 43 ||
  code === 45 ||
  code === 37 ||
  code === 39 ||
  code === 33 ||
  code === 35 ||
  code === 38 ||
  code === 126 ||
  code === 42;

const domain =
  /(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}(?:xn--[a-z0-9-]{2,59}|[\p{L}]{2,24})(?![\p{L}\p{N}])/iuy;
const literal = /\[?\d{1,3}(?:\.\d{1,3}){3}\]?(?![\p{L}\p{N}])/uy;

/** Names of files and packages that look like a domain behind an `@`. */
const notTop =
  /\.(?:png|jpe?g|gif|svg|webp|ico|js|mjs|cjs|ts|tsx|jsx|json|css|scss|html?|md|txt|ya?ml|toml|lock|map|py|rb|go|rs|java|php|exe|dll|so|zip|gz|tar|jar|log|sum|mod)$/iu;

/** Finds where the local part begins, or the position of the sign when there is none. */
function localStart(scan: Scan, sign: number): number {
  const { text, lo } = scan;
  let start = sign;
  while (start > lo && sign - start < longestLocal && isLocalCode(text.charCodeAt(start - 1))) start -= 1;
  // Letters of other scripts are legal in a local part (RFC 6531) but would swallow running Han or Kana text.
  while (start > lo && sign - start < longestLocal && /[\u00c0-\u024f\u0370-\u04ff]/u.test(text[start - 1]!)) {
    start -= 1;
    while (start > lo && sign - start < longestLocal && isLocalCode(text.charCodeAt(start - 1))) start -= 1;
  }
  while (
    start < sign &&
    !isWordCode(text.charCodeAt(start)) &&
    text.charCodeAt(start) < 128 &&
    text[start] !== '_' &&
    text[start] !== '+'
  )
    start += 1;
  return start;
}

/** Addresses as RFC 5322 dot-atoms, with the domains of RFC 5890; quoted local parts up to 64 characters. */
export const email: AnchorRule = {
  kind: 'anchor',
  id: 'contact/email',
  label: 'EMAIL',
  // Mail in quoted-printable (RFC 2045) writes the sign as =40.
  anchors: ['@', '=40'],
  match(scan, sign, end) {
    const { text } = scan;
    domain.lastIndex = end;
    let found = domain.exec(text);
    if (found === null || notTop.test(found[0])) {
      literal.lastIndex = end;
      found = literal.exec(text);
    }
    if (found === null || end + found[0].length > scan.hi) return 0;
    let start = localStart(scan, sign);
    if (start === sign && text[sign - 1] === '"') {
      const open = text.lastIndexOf('"', sign - 2);
      if (open >= scan.lo && sign - open <= longestLocal && !text.slice(open, sign).includes('\n')) start = open;
    }
    if (start === sign) return 0;
    const local = text.slice(start, sign);
    if (local.includes('..')) start += local.lastIndexOf('..') + 2;
    // `git@host:path` is how repositories are written; there is nobody called git.
    if (start >= sign || (local === 'git' && text[end + found[0].length] === ':')) return 0;
    // `user:pass@host` in a URL is a credential; the rule for URLs takes it, and a bare path before it is no address.
    if (/^\d+(?:\.\d+){3}$/u.test(found[0]) && start > scan.lo && text[start - 1] === ':') return 0;
    scan.add(start, end + found[0].length, 'EMAIL', 'contact/email', 0.95);
    return 0;
  },
};

const spelled =
  /(?:\s{0,3}[([{<]\s?(?:at|@)\s?[)\]}>]\s{0,3}|\s{1,3}(?:at|AT|@)\s{1,3}|\s{0,3}@\s{0,3})([a-zA-Z0-9-]{1,63}(?:(?:\s{0,3}[([{<]\s?(?:dot|\.)\s?[)\]}>]\s{0,3}|\s{1,3}(?:dot|DOT|\.)\s{1,3}|\.)[a-zA-Z0-9-]{1,63}){1,6})/y;
const hasDot = /[([{<]\s?(?:dot|\.)\s?[)\]}>]|\s(?:dot|DOT|\.)\s/u;
const tops =
  /(?:com|org|net|edu|gov|io|de|fr|uk|jp|it|es|nl|pl|ch|at|be|se|no|fi|dk|pt|br|in|kr|cn|ca|au|us|eu|co|me|info|biz|dev|app|ai|ru)$/iu;

/** `jane at acme dot com` and its brackets: both words must be spelled, or the sign stand apart. */
export const spelledEmail: AnchorRule = {
  kind: 'anchor',
  id: 'contact/email-spelled',
  label: 'EMAIL',
  anchors: [' at ', '(at)', '[at]', '{at}', '<at>', ' @ ', '(@)', '[@]', ' (at) ', ' [at] '],
  match(scan, start) {
    spelled.lastIndex = start;
    const found = spelled.exec(scan.text);
    if (found === null || spelled.lastIndex > scan.hi) return 0;
    const bracketed = /[([{<]/u.test(found[0].slice(0, found[0].length - found[1]!.length));
    const sign = scan.text.slice(start, start + 3) === ' @ ';
    if (!tops.test(found[1]!) || (!bracketed && !sign && !hasDot.test(found[1]!))) return 0;
    let from = start;
    while (from > scan.lo && start - from < longestLocal && isLocalCode(scan.text.charCodeAt(from - 1))) from -= 1;
    if (from === start) return 0;
    scan.add(from, spelled.lastIndex, 'EMAIL', 'contact/email-spelled', 0.75);
    return 0;
  },
};
