import { isWordCode } from '../engine/number-run.ts';
import type { AnchorRule } from '../rule.ts';

const schemeReach = 24;
const userinfo = /([^\s/?#@:"'<>`|\\]{0,128}):([^\s/?#@"'<>`|\\]{1,256})@([^\s"'<>`|\\,;)\]}]{1,200})/y;
const placeholder =
  /^(?:\$\{[^}]*\}?|\$\w+|<[^>]*>|%[sdv]|\{\{?\w*\}?\}|x{3,}|\*{2,}|\.{3,}|pass(?:word)?|user(?:name)?|pwd|secret|token|your[-_]?\w*|my[-_]?\w+|\[[^\]]*\])$/iu;

/** A URL or connection string with a user and a password in it (RFC 3986, section 3.2.1): the whole of it is masked. */
export const credentialUrl: AnchorRule = {
  kind: 'anchor',
  id: 'network/url-credentials',
  label: 'URL_CREDENTIALS',
  anchors: ['://'],
  match(scan, start, end) {
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
