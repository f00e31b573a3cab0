import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { SandboxError } from '../errors.ts';

/** One entry of `allowedDomains` or `deniedDomains`. */
export interface DomainRule {
  /** As the operator wrote it: refusals and explanations name it. */
  readonly text: string;
  /** Lower case, without a final dot, in ASCII form; of a wildcard the part after `*.`; of an address the address itself. */
  readonly host: string;
  readonly kind: 'exact' | 'wildcard' | 'address';
  readonly port: number;
  /** False where the entry named no port. */
  readonly portNamed: boolean;
}

const HTTPS_PORT = 443;
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

function refuse(text: string, why: string): never {
  throw new SandboxError(
    'ERR_SANDBOX_PROFILE_INVALID',
    `The domain ${JSON.stringify(text)} is not usable as a network rule: ${why}.`,
  );
}

/** Reads `host`, `host:port`, `*.host`, `*.host:port`, `address:port` and `[v6]:port`. Throws ERR_SANDBOX_PROFILE_INVALID. */
export function parseDomain(text: string): DomainRule {
  const match = /^(?:\[([^\]]+)\]|([^:[\]/@?#\s]+))(?::(\d{1,5}))?$/.exec(text);
  if (match === null)
    refuse(text, 'write host, host:port, *.host, an address with a port, or [v6]:port, without a scheme or a path');
  const [, bracketed, plain, portText] = match;
  const port = portText === undefined ? HTTPS_PORT : Number(portText);
  if (port < 1 || port > 65_535) refuse(text, 'the port is not between 1 and 65535');
  const shared = { text, port, portNamed: portText !== undefined };
  if (bracketed !== undefined) {
    if (isIP(bracketed) !== 6) refuse(text, 'brackets hold an IPv6 address');
    return { ...shared, kind: 'address', host: bracketed.toLowerCase() };
  }
  if (isIP(plain!) === 4) return { ...shared, kind: 'address', host: plain! };

  const wildcard = plain!.startsWith('*.');
  const host = domainToASCII((wildcard ? plain!.slice(2) : plain!).replace(/\.$/, '')).toLowerCase();
  const labels = host.split('.');
  if (host === '' || host.length > 253 || !labels.every((label) => LABEL.test(label)))
    refuse(text, 'this is not a host name; `*` can only stand for the whole first part, as in *.example.com');
  // The old forms of an address (127.1, 0x7f000001, 2130706433) would slip past every check of names.
  if (/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1)!)) refuse(text, 'it looks like an address in an unusual form');
  if (host === 'localhost' || host.endsWith('.localhost'))
    refuse(text, 'grant a service of this machine by its address, as in 127.0.0.1:5432');
  if (wildcard && labels.length < 2) refuse(text, 'a wildcard over a whole top-level domain is too wide');
  return { ...shared, kind: wildcard ? 'wildcard' : 'exact', host };
}

/** `*.example.com` covers a.example.com and a.b.example.com; not example.com, and not evilexample.com. */
export function coversHost(rule: DomainRule, host: string): boolean {
  if (rule.kind !== 'wildcard') return rule.host === host;
  return host.length > rule.host.length + 1 && host.endsWith(`.${rule.host}`);
}

/** A denied entry without a port denies every port. */
export function isDeniedDomain(denied: readonly DomainRule[], host: string, port: number): boolean {
  return denied.some((rule) => (!rule.portNamed || rule.port === port) && coversHost(rule, host));
}

/** The first allowed entry for this name and port, unless a denied one covers it. */
export function findRule(
  rules: { allowed: readonly DomainRule[]; denied: readonly DomainRule[] },
  host: string,
  port: number,
): DomainRule | undefined {
  if (isDeniedDomain(rules.denied, host, port)) return undefined;
  return rules.allowed.find((rule) => rule.port === port && coversHost(rule, host));
}

/** Name as it comes from a packet, brought into the form of the rules. */
export const normaliseHost = (host: string): string => host.toLowerCase().replace(/\.$/, '');
