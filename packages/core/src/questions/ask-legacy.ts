import type { Session } from '../client/session.ts';
import type { GatewayContext } from '../context.ts';
import { isRefusal } from '../ports.ts';
import type { Credentials, Principal } from '../ports.ts';
import { respondError } from '../parked/server-side.ts';
import { refuseQuestion } from '../upstreams/peer.ts';
import type { ServerRequest } from '../upstreams/peer.ts';
import { fitQuestion } from './fit.ts';
import { passQuestion } from './pass.ts';
import { putQuestion } from './put.ts';
import type { Told } from './put.ts';
import { isProblem, lacking, readQuestionMessage } from './question.ts';

/** Whom a legacy server asks, and over which stream. */
export interface LegacyAsked {
  readonly session: Session;
  readonly principal: Principal;
  readonly credentials: Credentials;
  /** The asking server, by its configured name. */
  readonly server: string;
  /** Undefined for the client's stream of news: the question belongs to no call. */
  readonly send: ((text: string) => void) | undefined;
}

/**
 * A question of a legacy server to a legacy client, through the ports and back. The server is answered in any case.
 *
 * @returns takes the question back, at any time: nobody waits for the answer any more
 */
export function askLegacy(asked: LegacyAsked, request: ServerRequest, context: GatewayContext): () => void {
  const { session, principal, credentials, server, send } = asked;
  let withdraw: (() => void) | undefined;
  let over = false;
  const ask = async (): Promise<void> => {
    const read = readQuestionMessage(request.method, request.text);
    if (isProblem(read)) return respondError(request, read.code, read.message);
    if (lacking(read, session.capabilities)) return refuseQuestion(request);
    const question = fitQuestion(read, session.revision);
    if (typeof question === 'string') return respondError(request, -32602, `The client cannot be asked: ${question}.`);
    const passed = await passQuestion({ principal, credentials, era: 'legacy' }, server, question, context);
    if (isRefusal(passed)) return refuseQuestion(request);
    if (over) return passed.drop('cancelled', 'withdrawn');
    const { ttlMs } = context.parked;
    withdraw = putQuestion({ session, send, server, question, passed, ttlMs }, (told) => respond(request, told));
  };
  ask().catch((error: unknown) => {
    context.log.error({ error: String(error) }, 'a question of a server failed inside the gateway');
    respondError(request, -32603, 'Internal error.');
  });
  return () => {
    over = true;
    withdraw?.();
  };
}

function respond(request: ServerRequest, told: Told): void {
  switch (told.kind) {
    case 'answer':
      return request.respond(`"result":${told.result}`);
    case 'error':
      return request.respond(told.body);
    case 'refused':
      return refuseQuestion(request);
    case 'malformed':
      return respondError(request, -32603, `The client's answer is not sound: ${told.problem}.`);
    case 'late':
      return respondError(request, -32603, 'The client did not answer in time.');
  }
}
