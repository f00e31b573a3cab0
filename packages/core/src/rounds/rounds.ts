import { isObject, objectMembers, resultText } from '@sekisho/protocol';
import type { MemberChanges, ResponseView } from '@sekisho/protocol';
import { registerCancel, unregisterCancel } from '../cancel.ts';
import type { Session } from '../client/session.ts';
import type { GatewayContext } from '../context.ts';
import type { Authenticated } from '../exchange.ts';
import type { Finish } from '../finish.ts';
import { isRefusal } from '../ports.ts';
import type { Principal, Refusal } from '../ports.ts';
import { fitQuestion } from '../questions/fit.ts';
import { passQuestion } from '../questions/pass.ts';
import type { PassedQuestion } from '../questions/pass.ts';
import { putQuestion } from '../questions/put.ts';
import type { Told } from '../questions/put.ts';
import { isProblem, lacking, readQuestion } from '../questions/question.ts';
import type { Question } from '../questions/question.ts';
import { publicRefusal, refusalEnding } from '../refusals.ts';
import { INTERRUPTED } from '../under-way.ts';
import type { UnderWay } from '../under-way.ts';
import { asciiJson, decodeBinary, parseBinary } from '../wire.ts';

/** Rounds of one call; more is a server that never ends asking. The SDKs of both languages give up after 8 or 10. */
const MAX_ROUNDS = 10;
/** Questions of one round; more is a server that floods its client. */
const MAX_QUESTIONS = 16;
/** A server that gives a state and asks nothing sheds load: so long is waited before it is asked again, milliseconds. */
const PACE_MS = 250;

/** One question of a round, checked and fit for the client. */
interface Ready {
  readonly key: string;
  readonly question: Question;
  readonly passed: PassedQuestion;
}

/**
 * The rounds of one call of a legacy client to a modern server (MCP 2026-07-28, basic/patterns/mrtr). Such a server asks by
 * answering, such a client is asked by requests on the stream of its own: so each question becomes a request to the client, and
 * when all of a round are answered, the call is made again with the answers and the server's state. All of it lives and ends
 * with the one request of the client; nothing is kept beyond it.
 */
export class Rounds implements UnderWay {
  slot = -1;
  /** The last progress that the client heard of: the server begins to count anew with each round, and its client must not see it. */
  progress = -Infinity;
  readonly #x: Authenticated;
  readonly #session: Session;
  readonly #server: string;
  readonly #finish: Finish;
  readonly #context: GatewayContext;
  readonly #again: (changes: MemberChanges) => void;
  #round = 0;
  #open: (() => void)[] = [];

  /** @param again makes the call once more, with these changes of its `params` */
  constructor(
    x: Authenticated,
    session: Session,
    server: string,
    finish: Finish,
    context: GatewayContext,
    again: (changes: MemberChanges) => void,
  ) {
    this.#x = x;
    this.#session = session;
    this.#server = server;
    this.#finish = finish;
    this.#context = context;
    this.#again = again;
  }

  get principal(): Principal {
    return this.#x.principal;
  }

  get server(): string {
    return this.#server;
  }

  interrupt(): void {
    this.#close();
    this.#finish.fail(-31503, INTERRUPTED, undefined, 'interrupted');
  }

  /** Takes an answer that asks. Never throws; the exchange ends in any case. */
  take(view: ResponseView): void {
    registerCancel(this.#x, () => this.#cancelled());
    this.#context.underWay.add(this);
    this.#ask(view).catch((error: unknown) => {
      this.#context.log.error({ error: String(error) }, 'a question of a server failed inside the gateway');
      this.#fail('Internal error.', 'internal');
    });
  }

  async #ask(view: ResponseView): Promise<void> {
    if (++this.#round > MAX_ROUNDS)
      return this.#fail(`The server "${this.#server}" went on asking after ${MAX_ROUNDS} rounds.`, 'rounds');
    const member = (key: string) => view.body.find((one) => one.key === key);
    const requests = member('inputRequests');
    const state = member('requestState');
    if (!requests && !state) return this.#fail('The server asks for input and does not say for which.', 'malformed');
    let own: unknown;
    if (state) own = parseBinary(view.text.slice(state.start, state.end));
    if (state && typeof own !== 'string') return this.#fail('The server gave a state that is no string.', 'malformed');
    const changes: MemberChanges = { requestState: typeof own === 'string' ? JSON.stringify(own) : undefined };
    const asked = requests ? await this.#read(decodeBinary(view.text.slice(requests.start, requests.end))) : [];
    if (this.#finish.ended) return drop(asked);
    if (asked === undefined) return;
    if (asked.length === 0) return this.#paced(changes);
    // Without a place for its stream the questions could not be put: better an honest end than a wait for nothing.
    if (!this.#canHear() || this.#x.stream?.take()) {
      drop(asked);
      return this.#fail(
        'The server asks something, and this client has no stream on which it can be asked.',
        'no-stream',
      );
    }
    this.#put(asked, changes);
  }

  /** Reads, fits and passes all questions before any is put: one that cannot be put ends the call. */
  async #read(text: string): Promise<readonly Ready[] | undefined> {
    const { principal, credentials, caller } = this.#x;
    const members = text.startsWith('{') ? objectMembers(text, 0) : undefined;
    if (!members || members.length > MAX_QUESTIONS) {
      this.#fail('The server asks for input in a way that cannot be read, or too much of it.', 'malformed');
      return undefined;
    }
    const ready: Ready[] = [];
    const stop = (tell: () => void): undefined => {
      drop(ready);
      if (!this.#finish.ended) tell();
    };
    for (const one of members) {
      const inner = objectMembers(text, one.start) ?? [];
      const place = (key: string) => inner.find((part) => part.key === key);
      const method = place('method');
      const params = place('params');
      const read = readQuestion(
        method ? String(JSON.parse(text.slice(method.start, method.end))) : '',
        params && text.slice(params.start, params.end),
      );
      if (isProblem(read))
        return stop(() =>
          this.#fail(`The server asks something that cannot be passed on: ${read.message}`, 'malformed'),
        );
      if (lacking(read, caller.capabilities))
        return stop(() =>
          this.#fail('The server asks what the client did not declare that it can be asked.', 'undeclared'),
        );
      const question = fitQuestion(read, caller.revision);
      if (typeof question === 'string')
        return stop(() => this.#no(`The server "${this.#server}" asks something, and ${question}.`, 'unfit'));
      const asked = { principal, credentials, era: 'legacy' } as const;
      const passed = await passQuestion(asked, this.#server, question, this.#context);
      if (isRefusal(passed)) return stop(() => this.#refused(passed));
      ready.push({ key: one.key, question, passed });
    }
    return ready;
  }

  #put(asked: readonly Ready[], changes: MemberChanges): void {
    const answers = new Map<string, string>();
    const { ttlMs } = this.#context.parked;
    const send = (text: string) => this.#x.reply.send(text);
    for (const { key, question, passed } of asked) {
      if (this.#finish.ended) return passed.drop('cancelled', 'withdrawn');
      const to = { session: this.#session, send, server: this.#server, question, passed, ttlMs };
      this.#open.push(
        putQuestion(to, (told) => {
          if (told.kind !== 'answer') return this.#unanswered(question.method, told);
          answers.set(key, told.result);
          if (answers.size === asked.length) this.#goOn(asked, answers, changes);
        }),
      );
    }
  }

  /** Only this round's answers go on: what a server wants to remember is in its state. */
  #goOn(asked: readonly Ready[], answers: ReadonlyMap<string, string>, changes: MemberChanges): void {
    if (this.#finish.ended) return;
    this.#open = [];
    this.#leave();
    const texts = asked.map(({ key }) => `${JSON.stringify(key)}:${answers.get(key)!}`);
    this.#again({ ...changes, inputResponses: `{${texts.join(',')}}` });
  }

  #paced(changes: MemberChanges): void {
    const timer = setTimeout(() => {
      this.#open = [];
      this.#leave();
      this.#again(changes);
    }, PACE_MS).unref();
    this.#open.push(() => clearTimeout(timer));
  }

  #unanswered(method: string, told: Exclude<Told, { kind: 'answer' }>): void {
    if (this.#finish.ended) return;
    switch (told.kind) {
      case 'refused':
        return this.#refused(told.refusal);
      case 'late':
        return this.#no(`The client gave no answer to "${method}" in time.`, 'late');
      case 'malformed':
        return this.#no(`The client's answer to "${method}" is not sound: ${told.problem}.`, 'malformed-answer');
      case 'error':
        return this.#no(
          `The client did not answer "${method}" of the server "${this.#server}": ${said(told.error['message'])}`,
          'unanswered',
        );
    }
  }

  /** The client's no: a tool's result that says so, which its model can read; an error of the other methods. */
  #no(sentence: string, reason: string): void {
    if (this.#x.method.kind !== 'tool') return this.#fail(sentence, reason);
    this.#close();
    this.#finish.end(
      { result: 'failed', reason },
      resultText(this.#x.message.idText, asciiJson({ content: [{ type: 'text', text: sentence }], isError: true })),
    );
  }

  #refused(refusal: Refusal): void {
    this.#close();
    if (refusal.refused !== 'content' && refusal.refused !== 'limited' && refusal.refused !== 'record-failed')
      return this.#finish.fail(
        -31403,
        'The server asked for something that it may not ask of you.',
        undefined,
        'asked',
      );
    const { status, text, code, headers } = publicRefusal(refusal, this.#x.message.idText);
    this.#finish.refuse(refusalEnding(refusal, code), status, text, headers);
  }

  #fail(sentence: string, reason: string): void {
    this.#close();
    this.#finish.fail(-32603, sentence, undefined, reason);
  }

  #cancelled(): void {
    this.#close();
    this.#finish.record({ result: 'cancelled' });
  }

  /** Nothing of this call is open any more: questions that were put are taken back. */
  #close(): void {
    this.#leave();
    const open = this.#open;
    this.#open = [];
    for (const withdraw of open) withdraw();
  }

  #leave(): void {
    unregisterCancel(this.#x);
    this.#context.underWay.remove(this);
  }

  /** Whether the client takes a stream as the answer to this request. */
  #canHear(): boolean {
    const { transport, header } = this.#x.credentials;
    const accept = transport === 'http' ? header('accept') : undefined;
    return accept === undefined || /text\/event-stream|\*\/\*|text\/\*/i.test(accept);
  }
}

function drop(asked: readonly Ready[] | undefined): void {
  for (const { passed } of asked ?? []) passed.drop('cancelled', 'withdrawn');
}

function said(message: unknown): string {
  return typeof message === 'string' ? message.slice(0, 500) : 'it gave no reason';
}

/** Whether progress goes on: it must rise over the whole of a request (2025-11-25, basic/utilities/progress). */
export function rises(rounds: Rounds, text: string): boolean {
  const message = parseBinary(text);
  const params = isObject(message) ? message['params'] : undefined;
  const progress = isObject(params) ? params['progress'] : undefined;
  if (typeof progress !== 'number' || progress <= rounds.progress) return false;
  rounds.progress = progress;
  return true;
}
