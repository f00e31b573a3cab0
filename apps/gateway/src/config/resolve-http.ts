import type { ServerEntry } from './formats/server-entry.ts';
import type { Filling } from './filling.ts';
import { isSecretName, secretPartsOfHeader } from './secret-set.ts';
import type { HttpSpec } from './upstream-spec.ts';

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Visible ASCII, spaces and tabs, and the bytes above: no line break, which would begin another header. */
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;
/** These describe one hop, and it is ours. */
const hopHeaders = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'upgrade',
  'te',
  'trailer',
  'keep-alive',
  'mcp-session-id',
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
  'last-event-id',
]);

export async function readHttpLaunch(entry: ServerEntry, filling: Filling): Promise<HttpSpec> {
  const { fill, stop, secrets } = filling;
  const { launch } = entry;
  if (launch.kind !== 'http') throw new TypeError('not an HTTP entry');
  const key = ['url', 'httpUrl', 'serverUrl'].find((name) => entry.raw[name] !== undefined) ?? 'url';
  const address = await fill(launch.url, key);
  const url = URL.parse(address);
  // The text is shown as written, before the expansion: the address itself may hold a secret.
  if (url === null)
    return stop(
      'ERR_CONFIG_SERVER',
      `Its address "${launch.url}" is not a URL.`,
      'It must look like https://example.com/mcp.',
      key,
    );
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return stop(
      'ERR_CONFIG_SERVER',
      `Its address begins with "${url.protocol}", and only https: and http: are allowed.`,
      undefined,
      key,
    );
  }
  const headers: Record<string, string> = {};
  for (const [name, template] of Object.entries(launch.headers)) {
    const value = (await fill(template, 'headers', name)).trim();
    if (!headerName.test(name))
      stop('ERR_CONFIG_SERVER', `"${name}" cannot be the name of a header.`, undefined, 'headers', name);
    if (hopHeaders.has(name.toLowerCase()))
      stop('ERR_CONFIG_SERVER', `The header "${name}" is set by Sekisho itself.`, 'Remove it.', 'headers', name);
    if (!headerValue.test(value))
      stop(
        'ERR_CONFIG_SERVER',
        `The value of the header "${name}" holds a line break or another character that a header cannot carry.`,
        undefined,
        'headers',
        name,
      );
    headers[name] = value;
    if (isSecretName(name) || /^(?:Bearer|Basic)\s/i.test(value))
      for (const part of secretPartsOfHeader(value)) secrets.add(part);
  }
  for (const [name, value] of url.searchParams) if (isSecretName(name)) secrets.add(value);
  if (url.username !== '' || url.password !== '') {
    // fetch refuses such an address; what it means is a header.
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    if (Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')) {
      stop(
        'ERR_CONFIG_SERVER',
        'Its address holds a user name, and its headers an authorization.',
        'Keep one of them.',
        key,
      );
    }
    headers['Authorization'] = `Basic ${Buffer.from(credentials).toString('base64')}`;
    for (const secret of [
      decodeURIComponent(url.password),
      credentials,
      headers['Authorization'].slice('Basic '.length),
    ])
      secrets.add(secret);
    url.username = '';
    url.password = '';
    return { kind: 'http', url: url.href, transport: launch.transport, headers };
  }
  return { kind: 'http', url: address, transport: launch.transport, headers };
}
