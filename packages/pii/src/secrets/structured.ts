import { isWordCode } from '../engine/number-run.ts';
import type { AnchorRule, RunRule, Scan } from '../rule.ts';

const isJwtCode = (code: number): boolean => isWordCode(code) || code === 95 || code === 45 || code === 46;

const tokenBefore = (scan: Scan, start: number): boolean => {
  if (start <= scan.lo) return false;
  const code = scan.text.charCodeAt(start - 1);
  return isWordCode(code) || code === 95 || code === 45;
};

const jwtForm = /^eyJ[A-Za-z0-9_-]{8,}\.(?:eyJ[A-Za-z0-9_-]{2,}|[A-Za-z0-9_-]{16,})(?:\.[A-Za-z0-9_-]*){0,3}$/u;

function isJwtHeader(head: string): boolean {
  // The header is JSON with an `alg`; base64url of a cut-off one still begins with `{"`.
  const text = Buffer.from(head, 'base64url').toString('latin1');
  return /^\{\s*"[\w#-]+"\s*:/u.test(text);
}

/** JSON Web Tokens and encrypted ones (RFC 7519, RFC 7516): the header is decoded, not only the prefix compared. */
export const jwt: AnchorRule = {
  kind: 'anchor',
  id: 'secrets/jwt',
  label: 'SECRET',
  anchors: ['eyj'],
  match(scan, start) {
    if (tokenBefore(scan, start) || !scan.text.startsWith('eyJ', start)) return 0;
    let end = start;
    while (end < scan.hi && isJwtCode(scan.text.charCodeAt(end))) end += 1;
    const long = end === scan.hi && scan.full;
    if (!long) while (scan.text[end - 1] === '.') end -= 1;
    const piece = scan.text.slice(start, end);
    if (!isJwtHeader(piece.split('.')[0]!) || (!long && !jwtForm.test(piece))) return end;
    if (long) scan.follow(start, end, 'token', 'SECRET', 'secrets/jwt', 0.9);
    else scan.add(start, end, 'SECRET', 'secrets/jwt', 0.97);
    return end;
  },
};

const pemForm = /-----BEGIN (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY(?: BLOCK)?-----/y;

/** Private keys in PEM (RFC 7468), OpenSSH and PGP armour, to their END line or to where they stop looking like one. */
export const pem: AnchorRule = {
  kind: 'anchor',
  id: 'secrets/private-key',
  label: 'SECRET',
  anchors: ['-----begin '],
  match(scan, start) {
    pemForm.lastIndex = start;
    if (!pemForm.test(scan.text) || pemForm.lastIndex > scan.hi) return 0;
    scan.follow(start, pemForm.lastIndex, 'pem', 'SECRET', 'secrets/private-key', 0.98);
    return pemForm.lastIndex;
  },
};

const connection =
  /(?:password|pwd|accountkey|sharedaccesskey|sharedsecret|authkey|accesskey)\s{0,2}=\s{0,2}(?:"([^"\n]{1,256})"|'([^'\n]{1,256})'|([^;\s"'<>]{3,256}))/iy;

/** The secret part of ADO, ODBC, JDBC and Azure connection strings: `;Password=...;`, `AccountKey=...`. */
export const connectionString: AnchorRule = {
  kind: 'anchor',
  id: 'secrets/connection-string',
  label: 'SECRET',
  anchors: [';password=', ';pwd=', 'accountkey=', 'sharedaccesskey=', '; password=', '; pwd=', 'sharedsecret='],
  match(scan, start, end) {
    const from =
      scan.text.charCodeAt(start) === 59 ? (scan.text.charCodeAt(start + 1) === 32 ? start + 2 : start + 1) : start;
    connection.lastIndex = from;
    const found = connection.exec(scan.text);
    if (found === null || connection.lastIndex > scan.hi) return 0;
    const value = found[1] ?? found[2] ?? found[3]!;
    if (/^[{<$%*]/u.test(value)) return end;
    const at = scan.text.indexOf(value, end - 1);
    scan.add(at, at + value.length, 'SECRET', 'secrets/connection-string', 0.9);
    return connection.lastIndex;
  },
};

const cryptForm =
  /\$(?:2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|1\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22}|5\$(?:rounds=\d{1,9}\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{43}|6\$(?:rounds=\d{1,9}\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{86}|8\$[./A-Za-z0-9]{14}\$[./A-Za-z0-9]{43}|9\$[./A-Za-z0-9]{14}\$[./A-Za-z0-9]{43}|y\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{1,86}\$[./A-Za-z0-9]{43}|argon2(?:id?|d)\$v=\d{1,3}\$m=\d{1,9},t=\d{1,5},p=\d{1,4}\$[A-Za-z0-9+/]{8,128}\$[A-Za-z0-9+/]{16,128}|pbkdf2-sha\d{1,3}\$\d{1,9}\$[./A-Za-z0-9]{8,64}\$[./A-Za-z0-9]{20,128}|krb5(?:asrep|tgs)\$\d{1,3}\$[^\s"']{32,560})/y;

/** Password hashes in crypt's form: bcrypt, SHA-crypt, yescrypt, Argon2, PBKDF2, Kerberos. */
export const passwordHash: AnchorRule = {
  kind: 'anchor',
  id: 'secrets/password-hash',
  label: 'SECRET',
  anchors: ['$2a$', '$2b$', '$2y$', '$2x$', '$1$', '$5$', '$6$', '$8$', '$9$', '$y$', '$argon2', '$pbkdf2', '$krb5'],
  match(scan, start) {
    cryptForm.lastIndex = start;
    if (!cryptForm.test(scan.text)) return 0;
    const end = Math.min(cryptForm.lastIndex, scan.hi);
    if (end === scan.hi && scan.full) scan.follow(start, end, 'token', 'SECRET', 'secrets/password-hash', 0.9);
    else scan.add(start, end, 'SECRET', 'secrets/password-hash', 0.93);
    return end;
  },
};

const telegram = /\d{8,10}:A[A-Za-z0-9_-]{32,35}(?![A-Za-z0-9_-])/y;
const facebook = /\d{13,17}(?:\||%7C)[A-Za-z0-9_-]{27}(?![A-Za-z0-9_-])/y;
const vaultOld =
  /[sbr]\.(?=[A-Za-z0-9]{0,22}\d)(?=[A-Za-z0-9]{0,23}[A-Z])(?=[A-Za-z0-9]{0,23}[a-z])[A-Za-z0-9]{24,26}(?![A-Za-z0-9.(_-])/y;
const airtable = /pat[A-Za-z0-9]{14}\.[a-f0-9]{64}(?![A-Za-z0-9])/y;
const twilio = /(?:SK|AC)[a-f0-9]{32}(?![A-Za-z0-9])/y;
const azureAd = /[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~-])/y;

/** Key formats without a telling prefix of letters, tried at words that hold digits. */
export const digitSecrets: RunRule = {
  kind: 'run',
  id: 'secrets/by-form',
  label: 'SECRET',
  match(scan, run) {
    const start = run.starts[0]!;
    const end = run.ends[0]!;
    const size = end - start;
    const { text } = scan;
    const attempt = (form: RegExp, from: number, score: number): number => {
      form.lastIndex = from;
      if (
        from < scan.lo ||
        (from > scan.lo && isWordCode(text.charCodeAt(from - 1))) ||
        !form.test(text) ||
        form.lastIndex > scan.hi
      )
        return 0;
      scan.add(from, form.lastIndex, 'SECRET', 'secrets/by-form', score);
      return form.lastIndex;
    };
    const next = text.charCodeAt(end);
    if (size >= 8 && size <= 10 && next === 58) return attempt(telegram, start, 0.95);
    if (size >= 13 && size <= 17 && (next === 124 || next === 37)) return attempt(facebook, start, 0.85);
    if (size >= 24 && size <= 26 && text.charCodeAt(start - 1) === 46) return attempt(vaultOld, start - 2, 0.8);
    if (size === 17 && next === 46 && text.startsWith('pat', start)) return attempt(airtable, start, 0.95);
    if (size === 34 && /^(?:SK|AC)/u.test(text.slice(start, start + 2))) return attempt(twilio, start, 0.9);
    if (next === 126 && text.charCodeAt(end - 1) === 81) {
      return attempt(azureAd, end - 5, 0.95);
    }
    return 0;
  },
};
