/**
 * Everything the reading of a message can refuse, with the HTTP status and the JSON-RPC code of each.
 * One table, so that no two places answer the same mistake differently (MCP 2026-07-28, basic/index, "Error Codes").
 */
const table = {
  encoding: [400, -32700],
  'not-json': [400, -32700],
  'too-deep': [400, -32600],
  'duplicate-key': [400, -32600],
  'ambiguous-key': [400, -32600],
  'lone-surrogate': [400, -32700],
  'not-a-message': [400, -32600],
  batch: [400, -32600],
  'unexpected-response': [400, -32600],
  envelope: [400, -32602],
  'header-mismatch': [400, -32020],
  'missing-capability': [400, -32021],
  'unsupported-revision': [400, -32022],
  'unknown-method': [404, -32601],
  'invalid-params': [200, -32602],
  'media-type': [415, -32600],
  'not-acceptable': [406, -32600],
  'too-large': [413, -32600],
  'method-not-allowed': [405, -32600],
  'unknown-session': [404, -32600],
  'session-required': [400, -32600],
  'unknown-endpoint': [404, -32600],
  'forbidden-origin': [403, -32600],
  'forbidden-host': [403, -32600],
} as const satisfies Record<string, readonly [status: number, code: number]>;

export type FaultReason = keyof typeof table;

/** A refusal of a message as it was sent. A value, never thrown. */
export interface Fault {
  readonly kind: 'fault';
  readonly reason: FaultReason;
  /** HTTP status, 400 to 415, or 200 where the protocol answers in band. */
  readonly status: number;
  /** JSON-RPC error code. */
  readonly code: number;
  /** One sentence for the sender: says what to change and nothing about our inside. */
  readonly message: string;
  readonly data?: unknown;
  /** Raw JSON of the request's id where it could be read. */
  readonly idText?: string;
}

/** Makes the refusal for `reason`; status and code come from the table. */
export function fault(
  reason: FaultReason,
  message: string,
  extra: { data?: unknown; idText?: string | undefined } = {},
): Fault {
  const [status, code] = table[reason];
  return {
    kind: 'fault',
    reason,
    status,
    code,
    message,
    ...(extra.data === undefined ? {} : { data: extra.data }),
    ...(extra.idText === undefined ? {} : { idText: extra.idText }),
  };
}

/** True for a {@link Fault}, false for everything else that readers return. */
export function isFault(value: unknown): value is Fault {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'fault';
}
