import { META, changeMembers, findMember, readResponse, resultText } from '@sekisho/protocol';
import { answerContextOf } from '../answer-context-of.ts';
import { toClient } from '../answer.ts';
import type { GatewayContext } from '../context.ts';
import type { Authenticated } from '../exchange.ts';
import type { UpstreamPlace } from '../locate.ts';
import { cleanOutbound } from '../outbound.ts';
import { isRefusal } from '../ports.ts';
import type { Target } from '../ports.ts';
import { parseBinary } from '../wire.ts';
import { openTask } from './task-id.ts';
import type { OwnTask } from './task-id.ts';
import { passTask } from './task-questions.ts';

/** Tasks that one listen may name. */
const MAX_TASKS = 1_000;

/** The tasks of a listen that exist for its sender, may be seen and are told of, by the ids that it gave. */
export async function watchTasks(
  x: Authenticated,
  ids: unknown,
  context: GatewayContext,
): Promise<ReadonlyMap<string, OwnTask>> {
  const taken = new Map<string, OwnTask>();
  if (!Array.isArray(ids)) return taken;
  const given = [...new Set(ids.filter((id): id is string => typeof id === 'string'))].slice(0, MAX_TASKS);
  await Promise.all(
    given.map(async (id) => {
      const task = openTask(context.parked.seal, x.principal, id);
      const upstream = task && x.view.upstreams.find(({ spec }) => spec.name === task.server);
      if (!task || !upstream) return;
      if (await context.ports.decide(x.principal, targetOf(task), x.credentials.remoteAddress)) return;
      try {
        await (await upstream.up()).watchTask(task.task);
        taken.set(id, task);
      } catch (error) {
        context.log.info({ upstream: task.server, error: String(error) }, 'news of a task were refused');
      }
    }),
  );
  return taken;
}

function targetOf({ server, tool }: OwnTask): Target {
  return { method: 'tasks/get', kind: 'task', server, name: tool, names: 'tool' };
}

/**
 * Tells a listen of its tasks: decided on each time, their questions and results through the ports like the answer to
 * `tasks/get`, one after the other in the order in which they came.
 *
 * @param subscription raw JSON of the listen's id
 */
export function taskNews(
  x: Authenticated,
  tasks: ReadonlyMap<string, OwnTask>,
  subscription: string,
  context: GatewayContext,
): (server: string, text: string) => void {
  const byOwn = new Map([...tasks].map(([id, task]) => [keyOf(task.server, task.task), { id, task }]));
  let last: Promise<void> = Promise.resolve();
  return (server, text) => {
    const params = findMember(text, 0, 'params');
    const own = params && findMember(text, params.start, 'taskId');
    const found = own && byOwn.get(keyOf(server, String(parseBinary(text.slice(own.start, own.end)))));
    if (!params || !found) return;
    const raw = text.slice(params.start, params.end);
    last = last.then(async () => {
      try {
        const news = await asNews(x, found, raw, subscription, context);
        if (news !== undefined) x.reply.send(news);
      } catch (error) {
        context.log.error({ error: String(error) }, 'news of a task were withheld: they could not be checked');
      }
    });
  };
}

async function asNews(
  x: Authenticated,
  { id, task }: { readonly id: string; readonly task: OwnTask },
  raw: string,
  subscription: string,
  context: GatewayContext,
): Promise<string | undefined> {
  const { principal, credentials, caller } = x;
  const target = targetOf(task);
  if (await context.ports.decide(principal, target, credentials.remoteAddress)) return undefined;
  const upstream = x.endpoint.view.upstreams.find(({ spec }) => spec.name === task.server);
  const view = readResponse(resultText('0', raw));
  if (!upstream || !view) return undefined;
  const passed = await passTask(view, { principal, credentials, capabilities: caller.capabilities }, task, context);
  if (passed === undefined || isRefusal(passed)) return undefined;
  const place: UpstreamPlace = { kind: 'upstream', upstream, own: task.task, item: undefined, changes: {}, task };
  const answer = toClient(passed, {
    ...answerContextOf(x, place, context),
    method: 'tasks/get',
    taskId: id,
    idText: '0',
  });
  const told = readResponse(answer.text);
  if (!told?.ok) return undefined;
  const changes = { resultType: undefined, _meta: `{"${META.subscription}":${subscription}}` };
  const news = `{"jsonrpc":"2.0","method":"notifications/tasks","params":${changeMembers(told.text, told.body, changes)}}`;
  if (!context.ports.looksOutward) return news;
  const clean = await cleanOutbound(x, target, news, context);
  return clean.refusal ? undefined : clean.text;
}

/** Names and ids may hold any character. */
function keyOf(server: string, task: string): string {
  return JSON.stringify([server, task]);
}
