import { META, changeObject, objectMembers, withChanges } from '@sekisho/protocol';
import type { MemberChanges, ResponseView } from '@sekisho/protocol';
import type { GatewayContext } from '../context.ts';
import { cleanOutbound } from '../outbound.ts';
import { isRefusal } from '../ports.ts';
import type { Refusal, Target } from '../ports.ts';
import { refusalEnding } from '../refusals.ts';
import { passAnswer, passQuestion } from '../questions/pass.ts';
import type { Asked } from '../questions/pass.ts';
import { addressed, answerToServer, isProblem, lacking, methodOfAnswer, readQuestion } from '../questions/question.ts';
import { decodeBinary, toAscii } from '../wire.ts';
import { bindingOf } from './binding.ts';
import type { Seat } from './seat.ts';
import { endRefused, refuseRetry } from './refuse-retry.ts';
import { readResponses } from './responses.ts';

/** True for a modern server's answer that asks something. */
export function asksForInput(view: ResponseView): boolean {
  const type = view.ok ? view.body.find(({ key }) => key === 'resultType') : undefined;
  return type !== undefined && view.text.slice(type.start, type.end) === '"input_required"';
}

/**
 * What a modern server asks, on its way to a modern client: each question passes the ports, and the server's own state is
 * sealed into one of ours. Servers that the gateway calls with one credential for all cannot tell its users apart, so nobody
 * but the gateway can see to it that a state comes back from whom it was given to.
 *
 * A server that asks what its client did not declare breaks the protocol: the call fails and nothing is passed on.
 */
export async function relayQuestions(
  view: ResponseView,
  seat: Seat,
  server: string,
  context: GatewayContext,
): Promise<void> {
  const { x, finish } = seat;
  const { parked, serverInfo } = context;
  const member = (key: string) => view.body.find((one) => one.key === key);
  const requests = member('inputRequests');
  const state = member('requestState');
  const fail = (message: string) => finish.fail(-32603, message);
  if (!requests && !state) return fail('The server asks for input and does not say for which.');
  const changes: Record<string, string | undefined> = { _meta: `{"${META.server}":${serverInfo}}` };
  if (requests) {
    const asked = await passAll(decodeBinary(view.text.slice(requests.start, requests.end)), seat, server, context);
    if (isRefusal(asked)) return mayNotAsk(asked, seat);
    if (asked === undefined) return fail('The server asks for input in a way that this client cannot be asked.');
    changes['inputRequests'] = toAscii(asked);
  }
  if (state) {
    const own: unknown = JSON.parse(decodeBinary(view.text.slice(state.start, state.end)));
    if (typeof own !== 'string') return fail('The server gave a state that is no string.');
    const expiresMs = parked.wallNow() + parked.ttlMs;
    const sealed = parked.seal.seal({ kind: 'relay', server, state: own, expiresMs }, bindingOf(x));
    changes['requestState'] = JSON.stringify(sealed);
  }
  const text = withChanges(view, x.message.idText, changes);
  if (!context.ports.looksOutward) return finish.end({ result: 'answered', bytes: text.length }, text);
  const bare = withChanges(view, x.message.idText, { ...changes, inputRequests: undefined, requestState: undefined });
  const clean = await cleanOutbound(x, targetOfRelay(seat, server), bare, context);
  if (clean.refusal) return finish.end(refusalEnding(clean.refusal, -31422), clean.text);
  const whole = clean.text === bare ? text : withAsked(clean.text, changes);
  finish.end({ result: 'answered', bytes: whole.length }, whole);
}

/** The questions have passed already, and the state is ours; what the server wrote beside them has not. */
function targetOfRelay({ x }: Seat, server: string): Target {
  const name = x.message.params?.['name'] ?? x.message.params?.['uri'];
  return {
    method: x.method.name,
    kind: x.method.kind,
    server,
    name: typeof name === 'string' ? name : undefined,
  };
}

function withAsked(text: string, changes: Readonly<Record<string, string | undefined>>): string {
  const place = objectMembers(text, 0)?.find(({ key }) => key === 'result');
  if (!place) return text;
  const asked = { inputRequests: changes['inputRequests'], requestState: changes['requestState'] };
  return text.slice(0, place.start) + changeObject(text, place.start, asked) + text.slice(place.end);
}

/** What may not be asked is no secret: the client made the call, and learns why it got nothing. */
function mayNotAsk(refusal: Refusal, seat: Seat): void {
  if (refusal.refused === 'content' || refusal.refused === 'limited') return endRefused(seat, refusal);
  seat.finish.fail(-31403, 'The server asked for something that it may not ask of you.');
}

async function passAll(
  requests: string,
  { x }: Seat,
  server: string,
  context: GatewayContext,
): Promise<string | Refusal | undefined> {
  const asked: Asked = { principal: x.principal, credentials: x.credentials, era: 'modern' };
  const parts: string[] = [];
  for (const one of objectMembers(requests, 0) ?? []) {
    const members = objectMembers(requests, one.start) ?? [];
    const method = members.find(({ key }) => key === 'method');
    const params = members.find(({ key }) => key === 'params');
    const question = readQuestion(
      method ? String(JSON.parse(requests.slice(method.start, method.end))) : '',
      params && requests.slice(params.start, params.end),
    );
    if (isProblem(question) || lacking(question, x.caller.capabilities)) return undefined;
    const passed = await passQuestion(asked, server, question, context);
    if (isRefusal(passed)) return passed;
    // The gateway keeps nothing of it: whether an answer comes back is the client's and the server's affair.
    await passed.end('answered');
    parts.push(
      `${JSON.stringify(one.key)}:{"method":"${question.method}","params":${addressed(question.method, passed.params, server)}}`,
    );
  }
  return `{${parts.join(',')}}`;
}

/**
 * A retry on its way to a modern server: the server's own state in the place of ours, and the answers as the filters let them
 * through.
 *
 * @param state the server's own state; undefined where the request has none
 * @returns changes of `params`; undefined where the request was refused
 */
export async function relayAnswers(
  seat: Seat,
  server: string,
  state: string | undefined,
  context: GatewayContext,
): Promise<MemberChanges | undefined> {
  const { x } = seat;
  const responses = readResponses(x.message);
  if (!responses) {
    refuseRetry(seat, 'malformed', '"inputResponses" must be an object.');
    return undefined;
  }
  const changes: Record<string, string> = {};
  if (state !== undefined) changes['requestState'] = JSON.stringify(state);
  const asked: Asked = { principal: x.principal, credentials: x.credentials, era: 'modern' };
  const parts: string[] = [];
  for (const [key, text] of responses) {
    const method = methodOfAnswer(JSON.parse(text));
    const clean = await passAnswer(asked, server, method ?? 'elicitation/create', answerToServer(text), context);
    if (isRefusal(clean)) {
      endRefused(seat, clean);
      return undefined;
    }
    parts.push(`${JSON.stringify(key)}:${clean}`);
  }
  if (responses.size > 0) changes['inputResponses'] = `{${parts.join(',')}}`;
  return changes;
}
