import { isAbsolute, relative } from 'node:path';
import type { ServerSandbox } from './sandbox-settings.ts';

type Section<Key extends 'filesystem' | 'network'> = NonNullable<ServerSandbox[Key]>;
type Lists = Partial<Record<string, string[] | undefined>>;

const denials = new Set(['denyRead', 'denyWrite', 'deniedDomains']);

/** The defaults of the root under what a server says itself: its own keys win, one by one, and denials add up. */
export function withDefaults(own: ServerSandbox, defaults: ServerSandbox): ServerSandbox {
  const sections = {
    ...joined('filesystem', own, defaults),
    ...joined('network', own, defaults),
    ...(own.env === undefined && defaults.env === undefined ? {} : { env: { ...defaults.env, ...own.env } }),
    ...(own.limits === undefined && defaults.limits === undefined
      ? {}
      : { limits: { ...defaults.limits, ...own.limits } }),
  };
  const { backend, iUnderstand, ...rest } = { ...defaults, ...own, ...sections };
  // A server that says what its box allows wants a box, whatever the others have.
  const boxed = own.backend === undefined && Object.keys(own).length > 0;
  return boxed || backend === undefined ? rest : { ...rest, backend, iUnderstand };
}

function joined<Key extends 'filesystem' | 'network'>(
  key: Key,
  own: ServerSandbox,
  defaults: ServerSandbox,
): { [K in Key]?: Section<Key> } {
  const [mine, theirs] = [own[key] as Lists | undefined, defaults[key] as Lists | undefined];
  if (mine === undefined && theirs === undefined) return {};
  const lists: Lists = { ...theirs, ...mine };
  for (const name of Object.keys(lists))
    if (denials.has(name)) lists[name] = [...new Set([...(theirs?.[name] ?? []), ...(mine?.[name] ?? [])])];
  return { [key]: lists } as { [K in Key]?: Section<Key> };
}

/**
 * What both a client's block and ours allow: of two lists of grants what each covers of the other, of denials all. Where only
 * one says something, that counts. @returns the names of the lists in which they differ
 */
export function stricterOf(
  ours: ServerSandbox,
  theirs: ServerSandbox,
): { sandbox: ServerSandbox; differing: string[] } {
  const differing: string[] = [];
  const sandbox: ServerSandbox = { ...ours };
  for (const section of ['filesystem', 'network'] as const) {
    const [a, b] = [ours[section] as Lists | undefined, theirs[section] as Lists | undefined];
    if (b === undefined) continue;
    const lists: Lists = { ...a };
    for (const [name, list] of Object.entries(b)) {
      if (list === undefined) continue;
      const mine = a?.[name];
      if (mine === undefined) lists[name] = list;
      else {
        lists[name] = denials.has(name) ? [...new Set([...mine, ...list])] : common(mine, list, section);
        if (mine.toSorted().join('\0') !== list.toSorted().join('\0')) differing.push(`${section}.${name}`);
      }
    }
    Object.assign(sandbox, { [section]: lists });
  }
  return { sandbox, differing };
}

function common(one: readonly string[], other: readonly string[], section: 'filesystem' | 'network'): string[] {
  const covers = section === 'filesystem' ? coversPath : coversDomain;
  const within = (items: readonly string[], grants: readonly string[]): string[] =>
    items.filter((item) => grants.some((grant) => covers(grant, item)));
  return [...new Set([...within(one, other), ...within(other, one)])];
}

function coversPath(grant: string, path: string): boolean {
  const way = relative(grant.replace(/\/\*\*$/, ''), path.replace(/\/\*\*$/, ''));
  return way === '' || (!way.startsWith('..') && !isAbsolute(way));
}

function coversDomain(grant: string, domain: string): boolean {
  return grant === domain || (grant.startsWith('*.') && domain.endsWith(grant.slice(1)) && !domain.startsWith('*'));
}
