import { wordTest } from '../engine/word-heads.ts';
import { isIPv6 } from 'node:net';
import { isDigitCode, isWordCode, runEnd } from '../engine/number-run.ts';
import type { AnchorRule, RunRule, Scan } from '../rule.ts';

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const four = new RegExp(`${octet}(?:\\.${octet}){3}(?:/(?:3[0-2]|[12]?\\d)(?![\\d.]))?`, 'y');
const version = wordTest(
  /(?<![a-z])(?:v|ver|version|build|release|firmware|oid|rev|revision|upgrade[ds]?|sdk|section|chapter|driver|chrome|chromium|edg|safari|headlesschrome|electron|assembly)(?![a-z])/u,
);
const named = wordTest(
  /(?<![a-z])(?:ip|ips|ipv4|addr|address|host|client|server|remote|from|to|src|dst|source|subnet|cidr|gateway|forwarded|peer|listen|dns|ping|route)(?![a-z])/u,
);

/** Dotted-quad IPv4 addresses (RFC 791) with an optional prefix length; four-part versions are told apart by context. */
export const ipv4: RunRule = {
  kind: 'run',
  id: 'network/ipv4',
  label: 'IP',
  firstGroup: [1, 4],
  match(scan, run) {
    const { text, lo, hi } = scan;
    const word =
      run.starts[run.separators[0] === 0 && !isDigitCode(text.charCodeAt(run.starts[0]!)) && run.count > 1 ? 1 : 0]!;
    let start = word;
    if (
      !isDigitCode(text.charCodeAt(start)) ||
      (text.charCodeAt(run.ends[0]!) !== 46 && text.charCodeAt(run.ends[1] ?? 0) !== 46)
    )
      return 0;
    four.lastIndex = start;
    if (!four.test(text) || four.lastIndex > hi) return 0;
    const end = four.lastIndex;
    const before = start > lo ? text[start - 1]! : '';
    if (/[\w]/u.test(before) || (before === '.' && start - 1 > lo && isWordCode(text.charCodeAt(start - 2)))) return 0;
    const after = text.charCodeAt(end);
    if (end < hi && (isWordCode(after) || after === 95)) return 0;
    const context = scan.context(start, runEnd(run));
    // `::ffff:10.0.0.1` is one IPv6 address; the rule for those takes it.
    if (end + 1 < hi && after === 46 && isDigitCode(text.charCodeAt(end + 1)) && !named(context) && end + 8 < hi)
      return 0;
    const parts = text.slice(start, end).split(/[./]/u);
    const isNamed = named(context);
    if (version(context) && !isNamed) return end;
    if (before === '/' && start - 2 > lo && isWordCode(text.charCodeAt(start - 2)) && !isNamed) return 0;
    if (before === '-' || (after === 45 && !isNamed)) return 0;
    // `1.2.3.4` and `4.0.0.0` are usually versions.
    const small = parts.slice(0, 4).every((part) => Number(part) < 30) && !/^(?:10|0|127)$/u.test(parts[0]!);
    start = word;
    // Loopback and unspecified addresses are nobody's; alone in a value they are still what was asked for.
    const nobody = /^(?:127\.|0\.0\.0\.0$)/u.test(text.slice(start, end)) && !(start === lo && end === hi);
    scan.add(start, end, 'IP', 'network/ipv4', nobody ? 0.3 : isNamed ? 0.95 : small ? 0.45 : 0.8);
    return end;
  },
};

const isHexCode = (code: number): boolean => isDigitCode(code) || ((code | 32) >= 97 && (code | 32) <= 102);
const colonReach = 64;

/** IPv6 (RFC 4291) and MAC addresses, found at their colons. */
export const colonAddresses: AnchorRule = {
  kind: 'anchor',
  id: 'network/ipv6',
  label: 'IP',
  // Most colons stand behind a quote or before a space; these literals leave those out.
  anchors: ['::', ...Array.from('0123456789abcdef', (digit) => `${digit}:`)],
  match(scan, first, last) {
    const { text, lo, hi } = scan;
    const colon = text.charCodeAt(first) === 58 ? first : last - 1;
    const next = text.charCodeAt(colon + 1);
    if (!isHexCode(next) && next !== 58) return 0;
    let start = colon;
    while (start > lo && colon - start < 5 && isHexCode(text.charCodeAt(start - 1))) start -= 1;
    if (start > lo && isWordCode(text.charCodeAt(start - 1))) return 0;
    let end = colon;
    while (
      end < hi &&
      end - start < colonReach &&
      (isHexCode(text.charCodeAt(end)) || text.charCodeAt(end) === 58 || text.charCodeAt(end) === 46)
    )
      end += 1;
    const resume = end;
    while (end > start && (text[end - 1] === '.' || (text[end - 1] === ':' && text[end - 2] !== ':'))) end -= 1;
    const piece = text.slice(start, end);
    if (end < hi && (isWordCode(text.charCodeAt(end)) || text[end] === '_')) return resume;
    if (/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/iu.test(piece)) {
      scan.add(start, end, 'MAC', 'network/mac', 0.95);
      return resume;
    }
    if (/^(?:[0-9a-f]{2}:){7}[0-9a-f]{2}$/iu.test(piece)) return resume;
    if (!isIPv6(piece)) return resume;
    // `::` and `a::b` are also written in C++, Rust and CSS: an address has a digit and more than one group, or is named.
    const groups = piece.split(':').filter((part) => part !== '').length;
    const sure = groups >= 3 && /\d/u.test(piece);
    const context = scan.context(start, end);
    const alone =
      (start === lo || /[\s"'([=,]/u.test(text[start - 1]!)) && (end === hi || /[\s"')\],/%]/u.test(text[end]!));
    if (
      !sure &&
      !(
        alone &&
        (/^::1$/u.test(piece) ||
          (/\d/u.test(piece) &&
            groups >= 1 &&
            (/(?<![a-z])(?:ip|ipv6|addr|address|host|client|loopback|prefix|subnet|route|use|network)(?![a-z])/u.test(
              context,
            ) ||
              groups === 2)))
      )
    )
      return resume;
    const zone = /%[\w.]{1,16}|\/1?\d{1,2}(?!\d)/y;
    zone.lastIndex = end;
    if (zone.test(text) && zone.lastIndex <= hi) end = zone.lastIndex;
    scan.add(start, end, 'IP', 'network/ipv6', sure ? 0.93 : 0.7);
    return resume;
  },
};

const macForm = /[0-9a-f]{2}(?:-[0-9a-f]{2}){5}(?![-\w])|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}(?![.\w])/iy;

/** MAC addresses with hyphens (IEEE 802) or in the dotted form of some vendors. */
export const mac: RunRule = {
  kind: 'run',
  id: 'network/mac',
  label: 'MAC',
  firstGroup: [2, 4],
  match(scan: Scan, run) {
    const { text } = scan;
    const size = run.ends[0]! - run.starts[0]!;
    if (size !== 2 && size !== 4) return 0;
    // The digit may stand in a later pair, so the address may begin up to five pairs before it.
    let start = run.starts[0]!;
    while (
      start - 3 >= scan.lo &&
      text[start - 1] === '-' &&
      isHexCode(text.charCodeAt(start - 2)) &&
      isHexCode(text.charCodeAt(start - 3)) &&
      run.starts[0]! - start < 15
    )
      start -= 3;
    macForm.lastIndex = start;
    if (start > scan.lo && /[\w-]/u.test(text[start - 1]!)) return 0;
    if (!macForm.test(text) || macForm.lastIndex > scan.hi) return 0;
    const end = macForm.lastIndex;
    const piece = text.slice(start, end);
    if (piece.includes('.') && !/[a-f]/iu.test(piece)) return 0;
    scan.add(start, end, 'MAC', 'network/mac', 0.92);
    return end;
  },
};
