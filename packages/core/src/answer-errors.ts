import { errorText, isObject, withId } from '@sekisho/protocol';
import type { ResponseView } from '@sekisho/protocol';
import type { Answer, AnswerContext } from './answer-context.ts';
import { publicUri } from './names.ts';
import { asciiJson, encodeBinary, parseObject } from './wire.ts';

/** An error of the gateway's own in the place of an answer. */
export function refuse(context: AnswerContext, code: number, message: string, data?: unknown): Answer {
  return { text: errorText(context.idText, code, message, data), code };
}

/** Errors that speak about the gateway's own hop are translated; all others are the server's word to the client. */
export function errorToClient(view: ResponseView, context: AnswerContext): Answer {
  const { clientEra, upstreamEra } = context;
  const error = parseObject(view.text.slice(view.bodyStart, view.bodyEnd));
  const code = typeof error['code'] === 'number' ? error['code'] : -32603;
  if (upstreamEra === 'modern' && code === -32021) return capabilityError(error, context);
  if (upstreamEra === 'modern' && (code === -32020 || code === -32022))
    return refuse(context, -32603, 'The gateway and the server disagree about the protocol.');
  if (upstreamEra === 'legacy' && clientEra === 'modern') {
    if (code === -32002) return refuse(context, -32602, messageOf(error), { uri: context.publicUri });
    if (code === -32042)
      return refuse(
        context,
        -32603,
        'The server asks the user to open a page, which this gateway cannot pass on to this client yet.',
      );
  }
  if (
    code === -32602 &&
    context.method === 'resources/read' &&
    isObject(error['data']) &&
    typeof error['data']['uri'] === 'string'
  ) {
    const data = { ...error['data'], uri: publicUri(context.server, error['data']['uri'], context.naming) };
    return { text: encodeBinary(errorText(context.idText, code, messageOf(error), data)), code };
  }
  return { text: withId(view, context.idText), code };
}

/** `-32021` tells what the gateway did not declare: either the client did not declare it, or it cannot be passed on. */
function capabilityError(error: Readonly<Record<string, unknown>>, context: AnswerContext): Answer {
  const data = isObject(error['data']) ? error['data'] : {};
  const required = isObject(data['requiredCapabilities']) ? data['requiredCapabilities'] : {};
  const missing = missingIn(required, context.clientCapabilities);
  if (context.clientEra === 'modern' && Object.keys(missing).length > 0) {
    return refuse(context, -32021, 'The server needs a capability that the client did not declare.', {
      requiredCapabilities: missing,
    });
  }
  return refuse(
    context,
    -32603,
    `The server needs a capability that cannot be passed on to it: ${asciiJson(Object.keys(required))}.`,
  );
}

/** What is required and not declared, one level down: `extensions` and `elicitation` are there for more than one thing. */
function missingIn(
  required: Readonly<Record<string, unknown>>,
  declared: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const missing: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(required)) {
    const own = declared[key];
    if (!isObject(own)) missing[key] = value;
    else if (isObject(value)) {
      const parts = Object.entries(value).filter(([part]) => !Object.hasOwn(own, part));
      if (parts.length > 0) missing[key] = Object.fromEntries(parts);
    }
  }
  return missing;
}

function messageOf(error: Readonly<Record<string, unknown>>): string {
  return typeof error['message'] === 'string' ? error['message'] : 'The server gave no reason.';
}

/** Whether the result of a tool says that it failed. */
export function isToolError({ ok, text, body }: ResponseView): boolean {
  const member = ok ? body.find(({ key }) => key === 'isError') : undefined;
  return member !== undefined && text.startsWith('true', member.start);
}
