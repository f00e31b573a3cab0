import { META, fault, isObject, resultText } from '@sekisho/protocol';
import { findResource } from '../catalogue/catalogue.ts';
import type { Located } from '../catalogue/catalogue.ts';
import type { ItemKind } from '../catalogue/item.ts';
import { registerCancel, unregisterCancel } from '../cancel.ts';
import type { GatewayContext } from '../context.ts';
import type { Authenticated } from '../exchange.ts';
import type { Finish } from '../finish.ts';
import { isRefusal } from '../ports.ts';
import { capabilitiesOf } from '../endpoint.ts';
import { refuseExchange } from '../refuse-exchange.ts';
import { faultEnding, publicFault } from '../refusals.ts';
import { TASKS, hasExtension } from '../relayable.ts';
import { taskNews, watchTasks } from '../tasks/task-news.ts';
import { toAscii } from '../wire.ts';
import { notificationText } from './subscribers.ts';
import type { Subscriber } from './subscribers.ts';

const LIST_FILTERS = {
  toolsListChanged: { kind: 'tool', method: 'notifications/tools/list_changed' },
  promptsListChanged: { kind: 'prompt', method: 'notifications/prompts/list_changed' },
  resourcesListChanged: { kind: 'resource', method: 'notifications/resources/list_changed' },
} as const;

/** URIs that one listen may name. */
const MAX_URIS = 1_000;

/**
 * `subscriptions/listen` (MCP 2026-07-28, basic/patterns/subscriptions): one acknowledgement of what is honoured, then news
 * tagged with the subscription's id until the client goes or the gateway closes. Every URI is decided on before it is
 * acknowledged, by the rule that decides on reading it.
 */
export async function listen(x: Authenticated, context: GatewayContext, finish: Finish): Promise<void> {
  // Before anything is subscribed to: a subscription is a stream that stays open, on every transport.
  const full = x.stream?.take();
  if (full) return refuseExchange(x, full, finish);
  const wanted = x.message.params?.['notifications'];
  if (!isObject(wanted)) return finish.fail(-32602, '"notifications" must say what to listen for.');
  if (wanted['taskIds'] !== undefined && !hasExtension(x.caller.capabilities, TASKS)) return refuseTasks(x, finish);
  const kinds = new Set<ItemKind>();
  const honoured: Record<string, unknown> = {};
  for (const [key, { kind }] of Object.entries(LIST_FILTERS)) {
    if (wanted[key] !== true || !tells(x, key)) continue;
    kinds.add(kind);
    honoured[key] = true;
  }
  // A client that leaves while servers are asked is noticed when they have answered.
  let left = false;
  registerCancel(x, () => {
    left = true;
  });
  const [places, tasks] = await Promise.all([
    subscribeAll(x, wanted['resourceSubscriptions'], context),
    watchTasks(x, wanted['taskIds'], context),
  ]);
  if (places.size > 0) honoured['resourceSubscriptions'] = [...places.keys()];
  if (tasks.size > 0) honoured['taskIds'] = [...tasks.keys()];
  const id = toAscii(x.message.idText);
  const tell = (method: string, params: object) => x.reply.send(tagged(method, params, id));
  const subscriber: Subscriber = {
    endpoint: x.endpoint,
    principal: x.principal,
    address: x.credentials.remoteAddress,
    uris: new Set(places.keys()),
    listChanged: (kind) => {
      const method = Object.values(LIST_FILTERS).find((one) => one.kind === kind)?.method;
      if (kinds.has(kind) && method) tell(method, {});
    },
    updated: (uri) => tell('notifications/resources/updated', { uri }),
    ...(tasks.size > 0 ? { task: taskNews(x, tasks, id, context) } : {}),
  };
  const release = () => {
    context.subscribers.remove(subscriber);
    context.closing.removeEventListener('abort', onClosing);
    // By name: a reload may have put another server in its place.
    const find = (name: string) => x.endpoint.view.upstreams.find(({ spec }) => spec.name === name);
    for (const { upstream, own } of places.values()) find(upstream.spec.name)?.conversation?.unsubscribe(own);
    for (const { server, task } of tasks.values()) find(server)?.conversation?.unwatchTask(task);
    clearTimeout(expiry);
  };
  const onClosing = () => {
    release();
    finish.end(
      { result: 'answered' },
      resultText(x.message.idText, `{"resultType":"complete","_meta":{"${META.subscription}":${id}}}`),
    );
  };
  context.closing.addEventListener('abort', onClosing, { once: true });
  const expiry = untilExpiry(x, onClosing);
  const leave = () => {
    unregisterCancel(x);
    release();
    finish.record({ result: 'cancelled' });
  };
  if (left) return leave();
  x.cancel = leave;
  tell('notifications/subscriptions/acknowledged', { notifications: honoured });
  context.subscribers.add(subscriber);
}

const CAPABILITY: Readonly<Record<keyof typeof LIST_FILTERS, string>> = {
  toolsListChanged: 'tools',
  promptsListChanged: 'prompts',
  resourcesListChanged: 'resources',
};

/** What the endpoint does not promise is not acknowledged either. */
function tells(x: Authenticated, key: string): boolean {
  const part = capabilitiesOf(x.view)[CAPABILITY[key as keyof typeof LIST_FILTERS]];
  return isObject(part) && part['listChanged'] === true;
}

function refuseTasks(x: Authenticated, finish: Finish): void {
  const wrong = fault('missing-capability', 'The request does not declare the extension that tasks belong to.', {
    idText: x.message.idText,
    data: { requiredCapabilities: { extensions: { [TASKS]: {} } } },
  });
  const { status, text } = publicFault(wrong);
  finish.refuse(faultEnding(wrong), status, text);
}

/** Longest time that a timer can wait, milliseconds. */
const MAX_TIMER_MS = 2_147_483_647;

/** What a credential holds open ends with it, as gracefully as anything else. */
function untilExpiry(x: Authenticated, end: () => void): NodeJS.Timeout | undefined {
  const { expiresAtSeconds } = x.principal;
  if (expiresAtSeconds === undefined) return undefined;
  const leftMs = expiresAtSeconds * 1_000 - Date.now();
  return setTimeout(end, Math.min(Math.max(leftMs, 0), MAX_TIMER_MS)).unref();
}

/** Subscribes to the URIs that exist, are allowed and are taken; the others are left out of the acknowledgement. */
async function subscribeAll(x: Authenticated, uris: unknown, context: GatewayContext): Promise<Map<string, Located>> {
  const taken = new Map<string, Located>();
  if (!Array.isArray(uris)) return taken;
  const names = [...new Set(uris.filter((uri): uri is string => typeof uri === 'string'))].slice(0, MAX_URIS);
  await Promise.all(
    names.map(async (uri) => {
      const found = findResource(x.view, uri);
      if (!found) return;
      const { upstream, own } = found;
      const capability = upstream.opened?.capabilities['resources'];
      if (!isObject(capability) || capability['subscribe'] !== true) return;
      const verdict = await context.ports.decide(
        x.principal,
        { method: 'resources/subscribe', kind: 'subscription', server: upstream.spec.name, name: own },
        x.credentials.remoteAddress,
      );
      if (isRefusal(verdict)) return;
      try {
        await (await upstream.up()).subscribe(own);
        taken.set(uri, found);
      } catch (error) {
        context.log.info({ upstream: upstream.spec.name, error: String(error) }, 'a subscription was refused');
      }
    }),
  );
  return taken;
}

function tagged(method: string, params: object, id: string): string {
  const text = notificationText(method, { ...params, _meta: { [META.subscription]: 0 } });
  // The id keeps its own digits and type: it is put in as raw JSON.
  return text.replace(`"${META.subscription}":0`, () => `"${META.subscription}":${id}`);
}
