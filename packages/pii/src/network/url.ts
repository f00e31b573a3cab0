import { isWordCode } from '../engine/number-run.ts';
import type { AnchorRule } from '../rule.ts';

const schemeReach = 24;
const userinfo = /([^\s/?#@:"'<>`|\\]{0,128}):([^\s/?#@"'<>`|\\]{1,256})@([^\s"'<>`|\\,;)\]}]{1,200})/y;
/** `@`, or what ends an authority: space, quotes, `/ ? # \\ < >`. */
const endsHost = (code: number): boolean =>
  code === 64 ||
  code <= 32 ||
  code === 34 ||
  code === 39 ||
  code === 47 ||
  code === 63 ||
  code === 35 ||
  code === 92 ||
  code === 60 ||
  code === 62 ||
  code === 96 ||
  code === 124;
const placeholder =
  /^(?:\$\{[^}]*\}?|\$\w+|<[^>]*>|%[sdv]|\{\{?\w*\}?\}|x{3,}|\*{2,}|\.{3,}|pass(?:word)?|user(?:name)?|pwd|secret|token|your[-_]?\w*|my[-_]?\w+|\[[^\]]*\])$/iu;

/** A URL or connection string with a user and a password in it (RFC 3986, section 3.2.1): the whole of it is masked. */
export const credentialUrl: AnchorRule = {
  kind: 'anchor',
  id: 'network/url-credentials',
  label: 'URL_CREDENTIALS',
  anchors: ['://'],
  match(scan, start, end) {
    // Nearly every URL has no user; its host ends soon.
    let sign = end;
    while (sign < scan.hi && !endsHost(scan.text.charCodeAt(sign))) sign += 1;
    if (scan.text.charCodeAt(sign) !== 64 || sign >= scan.hi) return 0;
    userinfo.lastIndex = end;
    const found = userinfo.exec(scan.text);
    if (found === null || userinfo.lastIndex > scan.hi) return 0;
    let from = start;
    while (from > scan.lo && start - from < schemeReach) {
      const code = scan.text.charCodeAt(from - 1);
      if (!isWordCode(code) && code !== 43 && code !== 45 && code !== 46) break;
      from -= 1;
    }
    if (from === start) return 0;
    const sure = !placeholder.test(found[2]!);
    scan.add(from, userinfo.lastIndex, 'URL_CREDENTIALS', 'network/url-credentials', sure ? 0.96 : 0.3);
    return userinfo.lastIndex;
  },
};
