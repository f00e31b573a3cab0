import { METHODS, type PolicyRequest } from '@sekisho/policy';

export type PolicyTarget = PolicyRequest['target'];

/**
 * A target as people write it: `git/push` or `git__push`, `git/file:///a` and `sekisho://git/file:///a` for resources, a server
 * alone for what has no name. The method says what the name is a name of; a URI is a resource where no method was given.
 */
export function readTarget(text: string, method: string | undefined): PolicyTarget | string {
  const { server, name } = splitTarget(text);
  if (server === '') return `"${text}" names no server; write <server>/<tool>, such as git/push.`;
  if (name === undefined) {
    if (method === undefined)
      return `"${text}" is a server alone; write <server>/<tool>, or say with --method what is asked of it.`;
    return { server, method };
  }
  const isUri = /^[a-z][a-z0-9+.-]*:/i.test(name);
  const asked = method ?? (isUri ? 'resources/read' : 'tools/call');
  const kinds = Object.hasOwn(METHODS, asked) ? METHODS[asked]! : [];
  const kind = kinds.length > 1 ? (isUri ? 'resource' : 'prompt') : (kinds[0] ?? (isUri ? 'resource' : 'tool'));
  return { server, method: asked, [kind]: name };
}

function splitTarget(text: string): { server: string; name: string | undefined } {
  const own =
    /^sekisho:\/\/([^/]+)\/(.+)$/s.exec(text) ?? /^([^/]*?)__(.+)$/s.exec(text) ?? /^([^/]+)\/(.+)$/s.exec(text);
  return own === null ? { server: text, name: undefined } : { server: own[1]!, name: own[2] };
}
