import type { UpstreamFailure } from './upstreams/failure.ts';

/** What a caller is told when a server gave no answer: which server, and whether the call may have run. Nothing of the inside. */
export function publicFailure(
  reason: UpstreamFailure,
  server: string,
): [code: number, message: string, data: unknown, reason: string] {
  const sentence =
    {
      ERR_UPSTREAM_TIMEOUT: `The server "${server}" did not answer in time.`,
      ERR_UPSTREAM_CRASHED: `The server "${server}" ended in the middle of the call.`,
      ERR_UPSTREAM_CLOSED: `The server "${server}" closed the connection before it answered.`,
      ERR_UPSTREAM_REFUSED: `The server "${server}" does not accept the gateway's credentials.`,
      ERR_UPSTREAM_TOO_LARGE: `The answer of the server "${server}" is too large.`,
    }[reason.code as string] ?? `The server "${server}" is not available.`;
  return [-31503, sentence, { server, mayHaveRun: reason.sent }, reason.code];
}
