import type { AnchorRule } from '../rule.ts';
import { isPlaceholder, looksRandom } from './placeholder.ts';

const scheme = /(?:bearer|basic|digest|negotiate|ntlm)[ \t]{1,4}(?:token[ \t]{1,4})?([A-Za-z0-9._~+/=:-]{6,512})/iy;

/** `Bearer` and `Basic` followed by something that may be a credential (RFC 6750, RFC 7617), in a header or elsewhere. */
export const authScheme: AnchorRule = {
  kind: 'anchor',
  id: 'secrets/authorization',
  label: 'SECRET',
  anchors: ['bearer ', 'basic ', 'negotiate ', 'ntlm '],
  match(scan, start) {
    scheme.lastIndex = start;
    const found = scheme.exec(scan.text);
    if (found === null) return 0;
    const end = Math.min(scheme.lastIndex, scan.hi);
    const from = scheme.lastIndex - found[1]!.length;
    const value = scan.text.slice(from, end);
    const header = /auth\w{0,12}["'\s:=\\`]{1,6}$/iu.test(scan.text.slice(Math.max(scan.lo, start - 24), start));
    const encoded =
      /^basic/iu.test(found[0]) &&
      value.length >= 8 &&
      /^[A-Za-z0-9+/]+={0,2}$/u.test(value) &&
      Buffer.from(value, 'base64').toString('latin1').includes(':');
    if (
      isPlaceholder(value) ||
      !(encoded || (header ? looksRandom(value, 8) || value.length >= 20 : looksRandom(value, 16)))
    )
      return 0;
    if (scheme.lastIndex >= scan.hi && scan.full)
      scan.follow(from, end, 'token', 'SECRET', 'secrets/authorization', 0.93);
    else scan.add(from, end, 'SECRET', 'secrets/authorization', 0.93);
    return end;
  },
};

const cookiePair = /([A-Za-z0-9_.-]{1,64})=("?)([^\s;,"'\\]{6,400})/gu;
const sessionName =
  /sess|sid|auth|token|jwt|csrf|xsrf|remember|login|identity|user|access|refresh|key|secret|connect\.sid/iu;

/** Session and token cookies in `Cookie` and `Set-Cookie` (RFC 6265). */
export const cookies: AnchorRule = {
  kind: 'anchor',
  id: 'secrets/cookie',
  label: 'SECRET',
  anchors: ['cookie:', 'cookie":', 'cookie=', 'cookie: ', "cookie':"],
  match(scan, _start, end) {
    const line = scan.text.slice(end, scan.hi);
    const stop = line.search(/[\n\r]/u);
    const body = stop < 0 ? line : line.slice(0, stop);
    for (const pair of body.matchAll(cookiePair)) {
      const value = pair[3]!;
      if (!sessionName.test(pair[1]!) || isPlaceholder(value) || !looksRandom(value, 8)) continue;
      const from = end + pair.index + pair[0].length - value.length;
      scan.add(from, from + value.length, 'SECRET', 'secrets/cookie', 0.85);
    }
    return end + body.length;
  },
};

const curlUser = /(?:-u|--user)[ =]?["']?([^\s:"']{1,64}):([^\s"']{1,128})/y;

const commands =
  /(?:mysql\w{0,8}|mariadb|sshpass|psexec\w{0,4}|mongo\w{0,6}|docker|podman|htpasswd|ldap\w{3,8}|redis-cli|sqlcmd|bcp)(?![a-z])[^\n|;]{0,90}$/iu;
const flagValue = /-[pPaw][ =]?["']?([^\s"'-][^\s"']{3,127})/y;

/** `mysql -pSECRET`, `sshpass -p SECRET` and others that take a password as a flag. */
export const commandLine: AnchorRule = {
  kind: 'anchor',
  id: 'secrets/command-line',
  label: 'SECRET',
  anchors: [' -p', ' -a ', ' -w '],
  match(scan, start) {
    flagValue.lastIndex = start + 1;
    const found = flagValue.exec(scan.text);
    if (
      found === null ||
      flagValue.lastIndex > scan.hi ||
      isPlaceholder(found[1]!) ||
      /^[\d:/.]+$|^\d{1,5}:/u.test(found[1]!)
    )
      return 0;
    if (!commands.test(scan.text.slice(Math.max(scan.lo, start - 100), start))) return 0;
    scan.add(flagValue.lastIndex - found[1]!.length, flagValue.lastIndex, 'SECRET', 'secrets/command-line', 0.75);
    return flagValue.lastIndex;
  },
};

/** `curl -u name:password` and `--user`. */
export const curl: AnchorRule = {
  kind: 'anchor',
  id: 'secrets/curl-user',
  label: 'SECRET',
  anchors: [' -u', ' --user'],
  match(scan, start) {
    curlUser.lastIndex = start + 1;
    const found = curlUser.exec(scan.text);
    if (
      found === null ||
      curlUser.lastIndex > scan.hi ||
      isPlaceholder(found[2]!) ||
      (/^[\d/]/u.test(found[2]!) && found[2]!.length < 4)
    )
      return 0;
    scan.add(curlUser.lastIndex - found[2]!.length, curlUser.lastIndex, 'SECRET', 'secrets/curl-user', 0.85);
    return curlUser.lastIndex;
  },
};
