import {
  META,
  classify,
  fault,
  findMethod,
  findRevision,
  isFault,
  isLogLevel,
  isObject,
  metaOf,
  readMessage,
  readText,
} from '@sekisho/protocol';
import type { BatchMessage, Fault, HeaderReader, JsonObject, Message, RequestMessage } from '@sekisho/protocol';
import type { GatewayContext } from '../context.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Entry } from '../entry.ts';
import type { Admitted, Caller, Reply } from '../exchange.ts';
import type { Credentials, Principal } from '../ports.ts';
import { viewFor } from '../catalogue/narrow.ts';
import { capabilitiesOf } from '../endpoint.ts';
import { hasExtension } from '../relayable.ts';

/** What was read from one body, with the era it belongs to. */
export type Front =
  | { readonly kind: 'modern'; readonly revision: string; readonly message: Message }
  | { readonly kind: 'legacy'; readonly message: Message | BatchMessage };

const NONE: JsonObject = {};

export interface FrontLimits {
  /** Levels of nesting. Default 100. */
  readonly maxDepth: number;
}

/** The `read` stage: bytes to one judged message, or the fault that the sender is told. */
export function readFront(bytes: Uint8Array, limits: FrontLimits, header?: HeaderReader): Front | Fault {
  const text = readText(bytes);
  if (typeof text !== 'string') return text;
  const message = readMessage(text, limits);
  if (isFault(message)) return message;
  const era = classify(message, header);
  if (isFault(era)) return era;
  if (era.kind === 'legacy') return { kind: 'legacy', message };
  return message.kind === 'batch'
    ? fault('batch', 'Send one message for each request.')
    : { kind: 'modern', revision: era.revision, message };
}

/** What a modern request says of its client, in its own envelope (its shape was checked by `classify`). */
export function modernCaller(message: RequestMessage, revision: string, principal: Principal): Caller | Fault {
  const meta = metaOf(message.params) ?? {};
  const level = meta[META.logLevel];
  if (level !== undefined && !isLogLevel(level))
    return fault('invalid-params', 'Unknown log level.', { idText: message.idText });
  const client = meta[META.client];
  return {
    era: 'modern',
    revision: findRevision(revision)!,
    capabilities: meta[META.capabilities] as JsonObject,
    clientInfo: isObject(client) ? client : undefined,
    logLevel: level,
    session: undefined,
    affinity: { key: principal.id, capabilities: NONE },
  };
}

/** The request as the pipeline takes it, or the fault of a method that does not exist here. */
export function admitted(
  message: RequestMessage,
  caller: Caller,
  principal: Principal,
  endpoint: Endpoint,
  credentials: Credentials,
  reply: Reply,
  context: GatewayContext,
  entry: Entry | undefined,
): Admitted | Fault {
  const method = findMethod(message.method, caller.era);
  const { idText } = message;
  const view = viewFor(endpoint.view, principal, context.ports.knows);
  if (!method || method.name === 'initialize') return fault('unknown-method', 'Method not found.', { idText });
  if (method.capability !== undefined && !Object.hasOwn(capabilitiesOf(view), method.capability)) {
    return fault('unknown-method', 'Method not found.', { idText });
  }
  const { extension } = method;
  if (extension !== undefined) {
    if (!hasExtension(capabilitiesOf(view), extension)) return fault('unknown-method', 'Method not found.', { idText });
    if (!hasExtension(caller.capabilities, extension))
      return fault('missing-capability', 'The request does not declare the extension that this method belongs to.', {
        idText,
        data: { requiredCapabilities: { extensions: { [extension]: {} } } },
      });
  }
  return {
    endpoint,
    view,
    credentials,
    message,
    method,
    caller,
    reply,
    startedMs: entry ? entry.startedMs : context.now(),
    entry,
    cancel: undefined,
    principal: undefined,
    stream: undefined,
    slot: -1,
  };
}
