import type { ResponseView } from '@sekisho/protocol';
import type { ServerRequest } from '../upstreams/peer.ts';

/** Answers a question of a server with an error of its era. */
export function respondError(request: ServerRequest, code: number, message: string): void {
  request.respond(`"error":{"code":${code},"message":${JSON.stringify(message)}}`);
}

/** True for the result of a tool that says of itself that it failed. */
export function saysError(view: ResponseView): boolean {
  const flag = view.body.find(({ key }) => key === 'isError');
  return flag !== undefined && view.text.slice(flag.start, flag.end) === 'true';
}
