import { wordTest } from '../engine/word-heads.ts';
import { isIPv6 } from 'node:net';
import { isDigitCode, isWordCode, runEnd } from '../engine/number-run.ts';
import type { AnchorRule, RunRule, Scan } from '../rule.ts';

/** End of the four numbers of an address from `at`, 0 when there are none: no more than 255 each, none with a zero in front. */
function fourEnd(text: string, from: number): number {
  let at = from;
  for (let part = 0; part < 4; part += 1) {
    let value = 0;
    const start = at;
    while (at - start < 3 && isDigitCode(text.charCodeAt(at))) {
      const next = value * 10 + text.charCodeAt(at) - 48;
      if (next > 255 || (value === 0 && at > start)) break;
      value = next;
      at += 1;
    }
    if (at === start) return 0;
    octets[part] = value;
    if (part === 3) return at;
    if (text.charCodeAt(at) !== 46) return 0;
    at += 1;
  }
  return 0;
}
const octets = new Uint8Array(4);

/** End of a prefix length behind an address, or where it was. */
function prefixEnd(text: string, at: number): number {
  if (text.charCodeAt(at) !== 47) return at;
  const one = text.charCodeAt(at + 1) - 48;
  const two = text.charCodeAt(at + 2) - 48;
  const long = one >= 1 && one <= 3 && two >= 0 && two <= (one === 3 ? 2 : 9);
  const end = long ? at + 3 : one >= 0 && one <= 9 ? at + 2 : at;
  const after = text.charCodeAt(end);
  return end > at && !isDigitCode(after) && after !== 46 ? end : at;
}
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
    const start = word;
    if (
      !isDigitCode(text.charCodeAt(start)) ||
      (text.charCodeAt(run.ends[0]!) !== 46 && text.charCodeAt(run.ends[1] ?? 0) !== 46)
    )
      return 0;
    const four = fourEnd(text, start);
    if (four === 0) return 0;
    const end = prefixEnd(text, four);
    if (end > hi) return 0;
    const before = start > lo ? text.charCodeAt(start - 1) : 0;
    if (isWordCode(before) || before === 95) return 0;
    if (before === 46 && start - 1 > lo && isWordCode(text.charCodeAt(start - 2))) return 0;
    const after = text.charCodeAt(end);
    if (end < hi && (isWordCode(after) || after === 95)) return 0;
    const context = scan.context(start, runEnd(run));
    // `::ffff:10.0.0.1` is one IPv6 address; the rule for those takes it.
    if (end + 1 < hi && after === 46 && isDigitCode(text.charCodeAt(end + 1)) && !named(context) && end + 8 < hi)
      return 0;
    const isNamed = named(context);
    if (version(context) && !isNamed) return end;
    if (before === 47 && start - 2 > lo && isWordCode(text.charCodeAt(start - 2)) && !isNamed) return 0;
    if (before === 45 || (after === 45 && !isNamed)) return 0;
    // `1.2.3.4` and `4.0.0.0` are usually versions.
    const [first, second, third, last] = octets as unknown as readonly [number, number, number, number];
    const small = first < 30 && second < 30 && third < 30 && last < 30 && first !== 10 && first !== 0;
    // Loopback and unspecified addresses are nobody's; alone in a value they are still what was asked for.
    const nobody =
      (first === 127 || (first === 0 && second === 0 && third === 0 && last === 0 && end === four)) &&
      !(start === lo && end === hi);
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
