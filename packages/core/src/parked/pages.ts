import { randomBytes } from 'node:crypto';
import { META, errorText, isObject } from '@sekisho/protocol';
import type { ResponseView } from '@sekisho/protocol';
import type { GatewayContext } from '../context.ts';
import { isRefusal } from '../ports.ts';
import { passQuestion } from '../questions/pass.ts';
import { addressed, isProblem, lacking, readQuestion } from '../questions/question.ts';
import type { Question } from '../questions/question.ts';
import { parseObject, toAscii } from '../wire.ts';
import { bindingOf } from './binding.ts';
import type { Seat } from './seat.ts';
import { endRefused, refuseCapability, refuseRetry } from './refuse-retry.ts';
import type { Parkable } from './store.ts';

/** The error of 2025-11-25 by which a server wants the user to open pages first (client/elicitation, "URL mode"). */
const URL_ELICITATION_REQUIRED = -32042;
/** Pages of one error; more is a server that floods its user. */
const MAX_PAGES = 16;

export function wantsPages(view: ResponseView): boolean {
  if (view.ok) return false;
  const code = view.body.find(({ key }) => key === 'code');
  return code !== undefined && view.text.slice(code.start, code.end) === String(URL_ELICITATION_REQUIRED);
}

/**
 * Pages that the user is to open before a call can be made. The call itself has ended with an error, so nothing of it waits:
 * when the user has agreed, it is made anew.
 */
export class WantedPages implements Parkable {
  readonly handle = randomBytes(16).toString('base64url');
  readonly principalId: string;
  readonly #pages: ReadonlyMap<string, string>;
  readonly #context: GatewayContext;
  #round = 0;
  #waiting = false;

  private constructor(principalId: string, pages: ReadonlyMap<string, string>, context: GatewayContext) {
    this.principalId = principalId;
    this.#pages = pages;
    this.#context = context;
  }

  /** Turns the server's error into a question to the client of `seat`, or into an honest error. */
  static async ask(view: ResponseView, seat: Seat, server: string, context: GatewayContext): Promise<void> {
    const { x, finish } = seat;
    const questions = readPages(view);
    if (!questions) return finish.fail(-32603, `The server "${server}" asks the user to open a page and names none.`);
    const pages = new Map<string, string>();
    for (const question of questions) {
      const missing = lacking(question, x.caller.capabilities);
      if (missing) return refuseCapability(seat, missing);
      const asked = { principal: x.principal, credentials: x.credentials, era: 'modern' as const };
      const passed = await passQuestion(asked, server, question, context);
      if (isRefusal(passed)) return endRefused(seat, passed);
      await passed.end('answered');
      const params = addressed(question.method, passed.params, server, { elicitationId: undefined });
      pages.set(`page-${pages.size + 1}`, `{"method":"${question.method}","params":${params}}`);
    }
    new WantedPages(x.principal.id, pages, context).#put(seat);
  }

  /** The client's answers. True where the call may be made anew; otherwise the request has been answered. */
  resume(seat: Seat, round: number, responses: ReadonlyMap<string, string>): boolean {
    if (!this.#waiting || round !== this.#round) {
      refuseRetry(seat, 'reused');
      return false;
    }
    const actions: unknown[] = [];
    for (const key of this.#pages.keys()) {
      const answer: unknown = JSON.parse(responses.get(key) ?? 'null');
      actions.push(isObject(answer) ? answer['action'] : undefined);
    }
    this.#waiting = false;
    if (actions.every((action) => action === 'accept')) {
      this.#context.parked.forget(this.handle);
      return true;
    }
    if (actions.some((action) => action === 'decline' || action === 'cancel')) {
      this.#context.parked.forget(this.handle);
      seat.hears.release();
      const message = 'The call needs a page that the user did not open.';
      seat.finish.end({ result: 'error', code: -32603 }, errorText(seat.x.message.idText, -32603, message));
      return false;
    }
    this.#put(seat);
    return false;
  }

  expired(): void {
    this.#waiting = false;
  }

  #put(seat: Seat): void {
    const { parked, serverInfo } = this.#context;
    const { x, finish } = seat;
    if (!parked.park(this))
      return endRefused(seat, { refused: 'limited', detail: 'too many calls wait for an answer' });
    this.#waiting = true;
    seat.hears.release();
    const state = { kind: 'parked', handle: this.handle, round: ++this.#round } as const;
    const sealed = parked.seal.seal(state, bindingOf(x));
    const requests = [...this.#pages].map(([key, request]) => `"${key}":${request}`).join(',');
    const text = toAscii(
      `{"jsonrpc":"2.0","id":${x.message.idText},"result":{"resultType":"input_required","_meta":{"${META.server}":${serverInfo}},"inputRequests":{${requests}},"requestState":"${sealed}"}}`,
    );
    finish.end({ result: 'answered', bytes: text.length }, text);
  }
}

/** The pages of the error, as questions; undefined where there is none, or one is not sound. */
function readPages(view: ResponseView): Question[] | undefined {
  const { data } = parseObject(view.text.slice(view.bodyStart, view.bodyEnd));
  const list = isObject(data) ? data['elicitations'] : undefined;
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_PAGES) return undefined;
  const questions: Question[] = [];
  for (const one of list as unknown[]) {
    const question = readQuestion('elicitation/create', JSON.stringify(isObject(one) ? { ...one, mode: 'url' } : one));
    if (isProblem(question)) return undefined;
    questions.push(question);
  }
  return questions;
}
