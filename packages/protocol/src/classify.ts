import { fault } from './faults.ts';
import type { Fault } from './faults.ts';
import { checkStandardHeaders } from './headers/standard.ts';
import type { HeaderReader } from './headers/standard.ts';
import { trimSpace } from './headers/value.ts';
import { isObject } from './message.ts';
import type { BatchMessage, JsonObject, Message, NotificationMessage, RequestMessage } from './message.ts';
import { META, claimOf, metaOf } from './meta.ts';
import { MODERN_REVISIONS, isModernDate } from './revisions.ts';

export type Classified = { readonly kind: 'modern'; readonly revision: string } | { readonly kind: 'legacy' };

/**
 * Which era a client speaks, judged by the body; headers only cross-check and never change the verdict
 * (MCP 2026-07-28, basic/versioning and basic/transports/streamable-http).
 *
 * Does NOT check that the method exists, nor anything of its parameters.
 *
 * @param header reads a request header by lower-case name; leave it out where the transport has none (stdio)
 */
export function classify(message: Message | BatchMessage, header?: HeaderReader): Classified | Fault {
  const named = header?.('mcp-protocol-version');
  const headerRevision = named === undefined ? undefined : trimSpace(named);
  const headerIsModern = headerRevision !== undefined && isModernDate(headerRevision);
  switch (message.kind) {
    case 'batch':
      return classifyBatch(message, headerIsModern);
    case 'response':
      return headerIsModern
        ? fault(
            'unexpected-response',
            'A client of this revision sends no responses; answer with "inputResponses" in a retry.',
          )
        : { kind: 'legacy' };
    case 'notification':
      return classifyNotification(message, headerRevision, headerIsModern, header);
    case 'request':
      break;
  }
  return classifyRequest(message, headerRevision, headerIsModern, header);
}

function classifyBatch(batch: BatchMessage, headerIsModern: boolean): Classified | Fault {
  const claims = batch.messages.some((message) => message.kind !== 'response' && claimOf(message.params) !== undefined);
  return claims || headerIsModern
    ? fault('batch', 'Send one message for each request; batches ended with 2025-03-26.')
    : { kind: 'legacy' };
}

function classifyRequest(
  message: RequestMessage,
  headerRevision: string | undefined,
  headerIsModern: boolean,
  header: HeaderReader | undefined,
): Classified | Fault {
  const { params, idText } = message;
  const claim = claimOf(params);
  if (message.method === 'initialize' && envelopeProblem(params) !== undefined) {
    return headerIsModern
      ? fault('header-mismatch', 'MCP-Protocol-Version names a revision that has no "initialize".', { idText })
      : { kind: 'legacy' };
  }
  if (claim === undefined) {
    if (!headerIsModern) return { kind: 'legacy' };
    return fault('envelope', `The request lacks its envelope: ${envelopeProblem(params) ?? META.revision}.`, {
      idText,
    });
  }
  const problem = envelopeProblem(params);
  if (problem !== undefined) return fault('envelope', `The request's envelope is incomplete: ${problem}.`, { idText });
  const revision = claim as string;
  if (headerRevision !== undefined && headerRevision !== revision) {
    return fault('header-mismatch', 'MCP-Protocol-Version does not agree with the body.', { idText });
  }
  if (header) {
    const method = header('mcp-method');
    if (method !== undefined && trimSpace(method) !== message.method) {
      return fault('header-mismatch', 'Mcp-Method does not agree with the body.', { idText });
    }
  }
  if (!MODERN_REVISIONS.includes(revision)) {
    return fault('unsupported-revision', 'This protocol version is not served.', {
      idText,
      data: { supported: MODERN_REVISIONS, requested: revision },
    });
  }
  if (header) {
    const wrong = checkStandardHeaders(message, header);
    if (wrong !== undefined) return fault('header-mismatch', wrong, { idText });
  }
  return { kind: 'modern', revision };
}

function classifyNotification(
  message: NotificationMessage,
  headerRevision: string | undefined,
  headerIsModern: boolean,
  header: HeaderReader | undefined,
): Classified | Fault {
  const claim = claimOf(message.params);
  if (claim === undefined) return headerIsModern ? { kind: 'modern', revision: headerRevision! } : { kind: 'legacy' };
  if (typeof claim !== 'string') return fault('envelope', `"${META.revision}" must be a string.`);
  if (headerRevision !== undefined && headerRevision !== claim) {
    return fault('header-mismatch', 'MCP-Protocol-Version does not agree with the body.');
  }
  const method = header?.('mcp-method');
  if (method !== undefined && trimSpace(method) !== message.method)
    return fault('header-mismatch', 'Mcp-Method does not agree with the body.');
  return { kind: 'modern', revision: claim };
}

/** What is missing from, or wrong in, the `_meta` envelope of a modern request; undefined where it is whole. */
function envelopeProblem(params: JsonObject | undefined): string | undefined {
  const meta = metaOf(params);
  if (!meta) return 'params._meta is missing';
  const revision = meta[META.revision];
  if (typeof revision !== 'string') return `"${META.revision}" must be a string`;
  if (!isObject(meta[META.capabilities])) return `"${META.capabilities}" must be an object`;
  const client = meta[META.client];
  if (
    client !== undefined &&
    !(isObject(client) && typeof client['name'] === 'string' && typeof client['version'] === 'string')
  ) {
    return `"${META.client}" needs a name and a version`;
  }
  const token = meta['progressToken'];
  if (token !== undefined && typeof token !== 'string' && !Number.isInteger(token))
    return '"progressToken" must be a string or an integer';
  return undefined;
}
