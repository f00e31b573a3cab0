import { createHash } from 'node:crypto';

/** What the gateway takes as a name: it becomes part of tool names and of an address. */
const pattern = /^[A-Za-z0-9](?:[A-Za-z0-9 ._@/+-]{0,62}[A-Za-z0-9])?$/;

/**
 * The name by which the gateway knows a server. Clients allow any, so one that does not fit is spelt with `-` and ends in
 * eight digits of its hash: always the same, and no two names meet by accident.
 */
export function toRoutingName(name: string): string {
  if (pattern.test(name)) return name;
  const spelt = name
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48)
    .replace(/-+$/, '');
  return `${spelt === '' ? 'server' : spelt}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}
