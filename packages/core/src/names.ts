import { createHash } from 'node:crypto';

/** How things of several servers are told apart: `server__tool`, or under their own names with collisions refused. */
export type Naming = 'prefix' | 'none';

const MAX_NAME = 64;
const FIT = /^[a-zA-Z0-9_-]+$/;

/**
 * The public name of a tool or prompt: `server__name` where names are prefixed. Clients and model APIs accept
 * `^[a-zA-Z0-9_-]{1,64}$`; what does not fit is spelt with `_` and shortened, with eight hex digits of the original's
 * SHA-256 at its end, so that the same thing always has the same name and two things never share one by accident.
 */
export function publicName(server: string, name: string, naming: Naming): string {
  if (naming === 'none') return name;
  const whole = `${server}__${name}`;
  if (whole.length <= MAX_NAME && FIT.test(whole)) return whole;
  const digest = createHash('sha256').update(`${server}\n${name}`).digest('hex').slice(0, 8);
  const spelt = whole.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, MAX_NAME - 9);
  return `${spelt}_${digest}`;
}

const SCHEME = 'sekisho://';
const UI_SCHEME = 'ui://';
const UI_PREFIX = 'ui://sekisho/';

/**
 * The public form of an upstream's URI or URI template. The server stands in front and the original follows as it is, so
 * template expressions keep their meaning. `ui:` stays `ui:`, since hosts recognise apps by that scheme (MCP Apps).
 */
export function publicUri(server: string, uri: string, naming: Naming): string {
  if (naming === 'none') return uri;
  const owner = encodeURIComponent(server);
  return uri.startsWith(UI_SCHEME) ? `${UI_PREFIX}${owner}/${uri.slice(UI_SCHEME.length)}` : `${SCHEME}${owner}/${uri}`;
}

/** The server and its own URI behind a public one; undefined for what no {@link publicUri} made. */
export function ownUri(uri: string): { server: string; uri: string } | undefined {
  const ui = uri.startsWith(UI_PREFIX);
  if (!ui && !uri.startsWith(SCHEME)) return undefined;
  const rest = uri.slice(ui ? UI_PREFIX.length : SCHEME.length);
  const slash = rest.indexOf('/');
  if (slash <= 0) return undefined;
  try {
    const server = decodeURIComponent(rest.slice(0, slash));
    return { server, uri: (ui ? UI_SCHEME : '') + rest.slice(slash + 1) };
  } catch {
    return undefined;
  }
}
