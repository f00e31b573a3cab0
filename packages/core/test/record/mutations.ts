/** One call of the record taken out of its source, and a drive that must notice. */
export interface RecordMutation {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly drive: string;
}

const row = (drive: string, file: string, from: string, to = ''): RecordMutation => ({
  drive,
  file: `core/src/${file}`,
  from,
  to,
});
const ENTRY = 'entry.ts';
const HTTP = 'edge/http-edge.ts';
const REFUSE = 'edge/refuse.ts';
const LEGACY = 'edge/legacy-edge.ts';
const COUNTED = 'edge/counted.ts';
const STDIO = 'edge/stdio-edge.ts';
const FINISH = 'finish.ts';

export const mutations: readonly RecordMutation[] = [
  row('a call', HTTP, 'const entry = openEntry(this.#context, http);', 'const entry = undefined as never;'),
  row('a client that leaves before its body', HTTP, 'http.onGone(() => entry.gone());'),
  row('a body that breaks off', HTTP, 'return http.entry?.gone();', 'return undefined;'),
  row(
    'an admission that fails',
    HTTP,
    "void conclude(http, { result: 'failed', reason: 'internal' }, { status: 500, headers: jsonHeaders(), text });",
    'http.respond(500, jsonHeaders(), text);',
  ),
  row(
    'a modern notification',
    HTTP,
    "conclude(http, { result: 'answered' }, { status: 202, headers })",
    'http.respond(202, headers ?? {})',
  ),
  row('a client that leaves its call', ENTRY, "if (!this.outlivesClient) void this.end({ result: 'disconnected' });"),
  row('an intent that is refused', ENTRY, 'return this.#ask(() => this.#recording.intent(this));', 'return undefined;'),
  row(
    'an intent that is refused',
    'pipeline.ts',
    'const intent = sends(x, place) ? entry.intent() : undefined;',
    'const intent = undefined as never;',
  ),
  row('a call', ENTRY, 'return this.#ask(() => this.#recording.end(this, outcome));', 'return undefined;'),
  row(
    'a strange host',
    REFUSE,
    'return conclude(http, faultEnding(reason), {',
    'return conclude({ ...http, entry: undefined, respond: http.respond.bind(http) } as never, faultEnding(reason), {',
  ),
  row(
    'a flood',
    REFUSE,
    'return conclude(http, ending, { status, headers: jsonHeaders(headers), text });',
    'return http.respond(status, jsonHeaders(headers), text);',
  ),
  row(
    'a legacy notification',
    LEGACY,
    "return conclude(http, { result: 'answered' }, { status: 202, headers });",
    'return http.respond(202, headers ?? {});',
  ),
  row(
    'the end of a session',
    LEGACY,
    "return conclude(http, { result: 'answered' }, { status: 200, headers });",
    'return http.respond(200, headers ?? {});',
  ),
  row(
    'a session',
    LEGACY,
    "return conclude(\n      http,\n      { result: 'answered' },\n      {",
    'return ((h: typeof http, _e: unknown, a: { status: number; headers: {}; text: string }) => h.respond(a.status, a.headers, a.text))(\n      http,\n      { },\n      {',
  ),
  row(
    'a batch',
    LEGACY,
    "await conclude(http, { result: 'answered' }, { status: 200, headers: jsonHeaders(), text });",
    'http.respond(200, jsonHeaders(), text);',
  ),
  row(
    'a batch',
    LEGACY,
    'const entry = openEntry(this.#context, credentials);',
    'const entry = undefined as ReturnType<typeof openEntry>;',
  ),
  row('a stream whose session ends', LEGACY, "void http.entry?.end({ result: 'answered' });"),
  row(
    'an unknown legacy method',
    COUNTED,
    'faultEnding(reason),\n        () => reply.end(publicFault(reason).text),',
    'faultEnding(reason), () => reply.end(publicFault(reason).text),'.replace(
      'faultEnding(reason), ',
      "{ result: 'answered' }, ",
    ),
  ),
  row(
    'an unknown legacy method beyond the limit',
    COUNTED,
    'return afterEnd(entry, refusalEnding(refusal, code), send, send);',
    'return send();',
  ),
  row('stdio: a notification', COUNTED, "void entry?.end({ result: 'answered' });"),
  row(
    'stdio: a notification beyond the limit',
    COUNTED,
    'void entry?.end(refusalEnding(refusal, publicRefusal(refusal, undefined).code));',
  ),
  row(
    'a client that leaves while it is decided',
    ENTRY,
    'if (this.#ended) return undefined;\n    return this.#ask(() => this.#recording.intent',
    'return this.#ask(() => this.#recording.intent',
  ),
  row('a legacy call that is cancelled', FINISH, 'if (full && this.#entry) void this.#entry.end(full);'),
  row('a call', FINISH, 'this.#afterEnd(full, () => this.#x.reply.end(text, tail));', 'this.#x.reply.end(text, tail);'),
  row(
    'who may not',
    FINISH,
    'if (full) this.#afterEnd(full, () => this.#x.reply.refuse(status, text, headers));',
    'if (full) this.#x.reply.refuse(status, text, headers);',
  ),
  row(
    'a legacy call that outlives its client',
    'pipeline.ts',
    'entry.outlivesClient = x.caller.session !== undefined;',
  ),
  row(
    'stdio: a line that is no JSON',
    STDIO,
    'const entry = openEntry(context, credentials);',
    'const entry = undefined as ReturnType<typeof openEntry>;',
  ),
  row(
    'stdio: a ping before the session',
    STDIO,
    'return afterEnd(\n      entry,\n      ending,',
    'return afterEnd(\n      undefined,\n      ending,',
  ),
  row(
    'stdio: a modern notification',
    STDIO,
    "if (message.kind === 'notification' && message.method === CANCELLED) this.#cancel(message);\n    await entry?.end({ result: 'answered' });",
    '',
  ),
  row(
    'stdio: an answer to nothing',
    STDIO,
    "session.answer(message);\n      await entry?.end({ result: 'answered' });",
    'session.answer(message);',
  ),
  row(
    'stdio: a notification before the session',
    STDIO,
    "this.#cancel(message);\n      await entry?.end({ result: 'answered' });",
    'this.#cancel(message);',
  ),
  row(
    'stdio: a notification of nobody',
    STDIO,
    'await entry?.end(refusalEnding(refusal, publicRefusal(refusal, undefined).code));',
  ),
];
