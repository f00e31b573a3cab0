import { createHash } from 'node:crypto';
import { objectMembers, readResponse, withChanges } from '@sekisho/protocol';
import type { JsonObject, ResponseView } from '@sekisho/protocol';
import type { GatewayContext } from '../context.ts';
import { isRefusal } from '../ports.ts';
import type { Credentials, Principal, Refusal } from '../ports.ts';
import { passQuestion } from '../questions/pass.ts';
import { addressed, isProblem, lacking, readQuestion } from '../questions/question.ts';
import { decodeBinary, toAscii } from '../wire.ts';
import type { OwnTask } from './task-id.ts';

/** Whom a task asks. */
export interface TaskAsked {
  readonly principal: Principal;
  readonly credentials: Credentials;
  readonly capabilities: JsonObject;
}

/** Questions that are remembered as put; older ones pass once more. */
const MAX_KEPT = 4_096;

/**
 * Questions of tasks that have passed the ports. A client polls, and a task shows a question as long as it is open: it counts
 * and is recorded when it is seen for the first time, and is the same text from then on. Whether it may be asked is decided
 * each time.
 */
export class TaskQuestions {
  readonly #passed = new Map<string, string>();

  /**
   * @param requests raw JSON of `inputRequests`, decoded text
   * @returns the same as the client may see it; a refusal; or undefined where it is not sound, or not for this client
   */
  async pass(
    requests: string,
    asked: TaskAsked,
    task: OwnTask,
    context: GatewayContext,
  ): Promise<string | Refusal | undefined> {
    const { principal, credentials, capabilities } = asked;
    const members = requests.startsWith('{') ? objectMembers(requests, 0) : undefined;
    if (!members) return undefined;
    const parts: string[] = [];
    for (const one of members) {
      const inner = objectMembers(requests, one.start) ?? [];
      const method = inner.find(({ key }) => key === 'method');
      const params = inner.find(({ key }) => key === 'params');
      const question = readQuestion(
        method ? String(JSON.parse(requests.slice(method.start, method.end))) : '',
        params && requests.slice(params.start, params.end),
      );
      if (isProblem(question) || lacking(question, capabilities)) return undefined;
      const key = this.#keyOf(principal, task, one.key, requests.slice(one.start, one.end));
      let passed = this.#passed.get(key);
      if (passed === undefined) {
        const fresh = await passQuestion({ principal, credentials, era: 'modern' }, task.server, question, context);
        if (isRefusal(fresh)) return fresh;
        await fresh.end('answered');
        passed = addressed(question.method, fresh.params, task.server);
        this.#keep(key, passed);
      } else {
        const target = {
          method: question.method,
          kind: 'question',
          server: task.server,
          name: undefined,
          arguments: question.parsed,
        } as const;
        const denied = await context.ports.decide(principal, target, credentials.remoteAddress);
        if (denied) return denied;
      }
      parts.push(`${JSON.stringify(one.key)}:{"method":"${question.method}","params":${passed}}`);
    }
    return `{${parts.join(',')}}`;
  }

  #keyOf({ id }: Principal, { server, task }: OwnTask, key: string, question: string): string {
    return createHash('sha256')
      .update(JSON.stringify([id, server, task, key, question]))
      .digest('base64url');
  }

  #keep(key: string, passed: string): void {
    if (this.#passed.size >= MAX_KEPT) this.#passed.delete(this.#passed.keys().next().value!);
    this.#passed.set(key, passed);
  }
}

/** Whether a task shows questions. */
export function hasQuestions(view: ResponseView): boolean {
  return view.ok && view.body.some(({ key }) => key === 'inputRequests');
}

/** A task with its questions as the client may see them; what `pass` gives where they may not be seen. */
export async function passTask(
  view: ResponseView,
  asked: TaskAsked,
  task: OwnTask,
  context: GatewayContext,
): Promise<ResponseView | Refusal | undefined> {
  const place = view.body.find(({ key }) => key === 'inputRequests');
  if (!place) return view;
  const requests = decodeBinary(view.text.slice(place.start, place.end));
  const passed = await context.taskQuestions.pass(requests, asked, task, context);
  if (passed === undefined || isRefusal(passed)) return passed;
  return readResponse(withChanges(view, view.idText, { inputRequests: toAscii(passed) }));
}
