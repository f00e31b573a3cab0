import { request } from 'node:http';
import { ENVELOPE, MODERN, modern, openSession } from '../edge/raw-client.ts';
import type { Got, Sent } from '../edge/raw-client.ts';
import type { Drives } from './house.ts';

/** One way to be refused, to fail or to leave; and the end of each exchange that it makes, in order. */
export interface Drive {
  readonly run: (drives: Drives, more: Readonly<Record<string, string>>) => Promise<readonly Got[] | void>;
  readonly ends: readonly string[];
}

const call = (name: string, args = '{"region":"eu"}', more = {}): Sent =>
  modern('tools/call', `"name":"${name}","arguments":${args}`, {
    'mcp-param-region': 'eu',
    authorization: 'a',
    ...more,
  });
const CALL = call('s__t');
const BASE = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const text = (sent: Sent): string => sent.body as string;

/** Sends by every door, and gives back what came. */
const sends =
  (...all: readonly Sent[]): Drive['run'] =>
  async ({ house }, more) => {
    const got: Got[] = [];
    for (const sent of all)
      for (const door of house.doors)
        got.push(await door.send({ ...sent, headers: { authorization: 'a', ...sent.headers, ...more } }));
    return got;
  };
const twice = (end: string): readonly string[] => [end, end];
const refused = (sent: Sent, end: string): Drive => ({ run: sends(sent), ends: twice(end) });
const head = (changed: Record<string, string | undefined>): Sent => ({
  ...CALL,
  headers: { ...CALL.headers, ...changed },
});
const as = (who: string): Sent => head({ authorization: who });
const body = (from: string, to: string): Sent => ({ ...CALL, body: text(CALL).replace(from, to) });

/** In a session that was opened before; opening it is no part of the drive. */
const inSession =
  (make: (session: Readonly<Record<string, string>>) => readonly Sent[], revision?: string): Drive['run'] =>
  async ({ house, ledger }, more) => {
    const door = house.doors[0]!;
    const session = await openSession(door, revision, { authorization: 'a' });
    await ledger.take();
    const got: Got[] = [];
    for (const sent of make(session))
      got.push(await door.send({ ...sent, headers: { ...session, ...sent.headers, ...more } }));
    return got;
  };
const inOld = (body: string, end: string | readonly string[], headers = {}, revision?: string): Drive => ({
  run: inSession(() => [{ body, headers }], revision),
  ends: typeof end === 'string' ? [end] : end,
});
const legacyCall = (name: string): string =>
  `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"${name}","arguments":{}}}`;

/** A request whose client goes away when `when` resolves. */
const leaves =
  (sent: Sent, when: (drives: Drives) => Promise<unknown>): Drive['run'] =>
  async (drives) => {
    const { house } = drives;
    const req = request({
      host: '127.0.0.1',
      port: house.port,
      method: sent.method ?? 'POST',
      path: '/mcp',
      headers: Object.fromEntries(
        Object.entries({ ...BASE, ...sent.headers }).filter(([, value]) => value !== undefined),
      ) as Record<string, string>,
      agent: false,
    });
    req.on('error', () => undefined);
    const body = sent.body as string | undefined;
    if (body === undefined) req.flushHeaders();
    else req.end(body);
    await when(drives);
    req.destroy();
  };
const opened = async ({ ledger }: Drives): Promise<void> => {
  for (let tries = 0; tries < 400 && ledger.seen.length === 0; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 5));
};
const intended = async ({ ledger }: Drives): Promise<void> => {
  for (let tries = 0; tries < 400 && !ledger.seen.some(({ intents }) => intents > 0); tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 5));
};

export const drives: Readonly<Record<string, Drive>> = {
  'a call': refused(CALL, 'tools/call: answered'),
  'a list': refused(
    { ...modern('tools/list'), headers: { ...modern('tools/list').headers, authorization: 'a' } },
    'tools/list: answered',
  ),
  discovery: refused(modern('server/discover'), 'server/discover: answered'),
  'a modern notification': refused(
    { ...modern('notifications/x'), body: text(modern('notifications/x')).replace('"id":1,', '') },
    'notifications/x: answered',
  ),
  'a strange host': refused(head({ host: 'evil.example' }), 'http POST: refused forbidden-host'),
  'a strange origin': refused(head({ origin: 'http://evil.example' }), 'http POST: refused forbidden-origin'),
  'no endpoint': refused({ ...CALL, path: '/mcp/none' }, 'http POST: refused unknown-endpoint'),
  'a flood': refused(head({ 'x-flood': '1' }), 'http POST: refused limited'),
  'another method': refused({ ...CALL, method: 'PUT' }, 'http PUT: refused method-not-allowed'),
  'another type': refused(head({ 'content-type': 'text/plain' }), 'http POST: refused media-type'),
  'a coding': refused(head({ 'content-encoding': 'gzip' }), 'http POST: refused media-type'),
  'nothing acceptable': refused(head({ accept: 'text/html' }), 'http POST: refused not-acceptable'),
  'too large': refused(
    { ...CALL, body: `${text(CALL).slice(0, -1)}${' '.repeat(5000)}}` },
    'http POST: refused too-large',
  ),
  'no JSON': refused({ ...CALL, body: '{' }, 'http POST: refused not-json'),
  'two opinions': refused(body('"region":"eu"', '"x":1,"x":2'), 'http POST: refused duplicate-key'),
  'no envelope': refused({ headers: { 'mcp-protocol-version': MODERN }, body: PING }, 'http POST: refused envelope'),
  'headers that do not agree': refused(head({ 'mcp-method': 'tools/list' }), 'http POST: refused header-mismatch'),
  'a parameter that does not agree': refused(head({ 'mcp-param-region': 'us' }), 'tools/call: refused header-mismatch'),
  'an unknown revision': refused(
    { ...head({ 'mcp-protocol-version': '2099-01-01' }), body: text(CALL).replace(MODERN, '2099-01-01') },
    'http POST: refused unsupported-revision',
  ),
  'an admission that fails': refused(head({ 'x-flood': 'crash' }), 'http POST: failed internal'),
  nobody: refused(as(''), 'http POST: refused unauthenticated'),
  'nobody, by GET': refused({ method: 'GET', headers: { authorization: '' } }, 'http GET: refused unauthenticated'),
  'authentication that fails': refused(as('crash-who'), 'http POST: refused unauthenticated'),
  'an unknown method': refused(modern('no/such'), 'no/such: refused unknown-method'),
  'a reference to nothing': refused(modern('completion/complete'), 'completion/complete: refused unknown-target'),
  'an unknown log level': refused(
    {
      ...CALL,
      body: text(CALL).replace(ENVELOPE, `${ENVELOPE.slice(0, -1)},"io.modelcontextprotocol/logLevel":"loud"}`),
    },
    'tools/call: refused invalid-params',
  ),
  'who may not': refused(as('no'), 'tools/call: refused forbidden'),
  'who may not reach so far': refused(as('scope'), 'tools/call: refused insufficient-scope'),
  'a decision that fails': refused(as('crash-may'), 'tools/call: failed internal'),
  'too much': refused(as('poor'), 'tools/call: refused limited'),
  'a limit that fails': refused(as('crash-much'), 'tools/call: failed internal'),
  'too many at once': refused(as('crowd'), 'tools/call: refused overloaded'),
  'a gate that fails': refused(as('crash-gate'), 'tools/call: failed internal'),
  'an unknown tool': refused(call('s__none'), 'tools/call: refused unknown-target'),
  'too much of nothing': refused(call('s__none', '{}', { authorization: 'poor' }), 'tools/call: refused limited'),
  'arguments that are refused': refused(call('s__t', '{"region":"eu","x":"bad"}'), 'tools/call: refused content'),
  'a filter that fails': refused(call('s__t', '{"region":"eu","x":"crash"}'), 'tools/call: failed internal'),
  'a result that is refused': refused(call('s__leak'), 'tools/call: refused content'),
  'an error of the server': refused(call('s__error'), 'tools/call: error'),
  'a server that is not there': refused(call('down__t'), 'tools/call: failed ERR_UPSTREAM_UNAVAILABLE'),
  'an intent that is refused': refused(head({ 'x-unrecorded': 'intent' }), 'tools/call: refused record-failed'),
  'an unknown cursor': refused(modern('tools/list', '"cursor":"?"'), 'tools/list: failed'),
  'a subscription to nothing': refused(
    modern('subscriptions/listen', '"notifications":1'),
    'subscriptions/listen: failed',
  ),
  'streams beyond the limit': refused(
    {
      ...modern('subscriptions/listen', '"notifications":{"toolsListChanged":true}'),
      headers: { ...modern('subscriptions/listen').headers, authorization: 'streams' },
    },
    'subscriptions/listen: refused limited',
  ),
  'a subscription that is left': {
    run: leaves(
      {
        ...modern('subscriptions/listen', '"notifications":{"toolsListChanged":true}'),
        headers: { ...modern('subscriptions/listen').headers, authorization: 'a' },
      },
      async (all) => {
        await intended(all);
        await new Promise((resolve) => setTimeout(resolve, 20));
      },
    ),
    ends: ['subscriptions/listen: disconnected'],
  },
  'a client that leaves before its body': {
    run: leaves({ headers: { ...CALL.headers, 'content-length': '50' } }, opened),
    ends: ['http POST: disconnected'],
  },
  'a body that breaks off': {
    run: async ({ house }) => {
      const body = new ReadableStream({ start: (controller) => controller.error(new Error('gone')) });
      const url = `http://127.0.0.1:${house.port}/mcp`;
      const headers = CALL.headers as Record<string, string>;
      void house.gateway.fetch(new Request(url, { method: 'POST', headers, body, duplex: 'half' }), {
        remoteAddress: '127.0.0.1',
      });
    },
    ends: ['http POST: disconnected'],
  },
  'a client that leaves while it is decided': {
    run: async (all) => {
      const before = all.calls();
      await leaves(as('slow-may'), opened)(all, {});
      await new Promise((resolve) => setTimeout(resolve, 150));
      if (all.calls() > before) throw new Error('the server was called for nobody');
    },
    ends: ['tools/call: disconnected'],
  },
  'a client that leaves its call': {
    run: leaves(call('s__slow'), ({ called }) => called()),
    ends: ['tools/call: disconnected'],
  },

  'a session': {
    run: async ({ house }, more) => {
      const params = '"params":{"protocolVersion":"2025-11-25","capabilities":{}}';
      const door = house.doors[0]!;
      return [
        await door.send({
          headers: { authorization: 'a', ...more },
          body: `{"jsonrpc":"2.0","id":1,"method":"initialize",${params}}`,
        }),
      ];
    },
    ends: ['initialize: answered'],
  },
  'a session without a version': refused(
    { body: '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}' },
    'initialize: refused invalid-params',
  ),
  'a session that may not be': refused(
    {
      headers: { authorization: 'no' },
      body: '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}',
    },
    'initialize: refused forbidden',
  ),
  'no session': refused({ body: PING }, 'ping: refused session-required'),
  'an unknown session': refused({ headers: { 'mcp-session-id': 'x' }, body: PING }, 'ping: refused unknown-session'),
  'a session of another': inOld(PING, 'ping: refused unknown-session', { authorization: 'b' }),
  'a ping': inOld(PING, 'ping: answered'),
  'a legacy list': inOld('{"jsonrpc":"2.0","id":1,"method":"tools/list"}', 'tools/list: answered'),
  'a legacy call': inOld(legacyCall('s__t'), 'tools/call: answered'),
  'a legacy call that is refused': inOld(legacyCall('s__none'), 'tools/call: refused unknown-target'),
  'an unknown legacy method': inOld('{"jsonrpc":"2.0","id":1,"method":"no/such"}', 'no/such: refused unknown-method'),
  'a legacy notification': inOld(
    '{"jsonrpc":"2.0","method":"notifications/initialized"}',
    'notifications/initialized: answered',
  ),
  'a legacy notification beyond the limit': {
    run: async ({ house, ledger }) => {
      const door = house.doors[0]!;
      const session = await openSession(door, '2025-03-26', { authorization: 'notes' });
      await ledger.take();
      await door.send({ headers: session, body: '{"jsonrpc":"2.0","method":"notifications/x"}' });
    },
    ends: ['notifications/x: refused limited'],
  },
  'an unknown legacy method beyond the limit': {
    run: async ({ house, ledger }) => {
      const door = house.doors[0]!;
      const session = await openSession(door, undefined, { authorization: 'notes' });
      await ledger.take();
      await door.send({ headers: session, body: '{"jsonrpc":"2.0","id":1,"method":"no/such"}' });
    },
    ends: ['no/such: refused limited'],
  },
  'an answer to nothing': inOld('{"jsonrpc":"2.0","id":9,"result":{}}', 'response: answered'),
  'a level': inOld(
    '{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"info"}}',
    'logging/setLevel: answered',
  ),
  'a level that is none': inOld(
    '{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"loud"}}',
    'logging/setLevel: failed',
  ),
  'a batch where there are none': inOld(`[${PING}]`, 'batch: refused batch'),
  'a batch': inOld(
    `[${PING},${legacyCall('s__none')},{"jsonrpc":"2.0","method":"notifications/x"}]`,
    ['batch: answered', 'ping: answered', 'tools/call: refused unknown-target'],
    {},
    '2025-03-26',
  ),
  'a batch of nothing to answer': inOld(
    '[{"jsonrpc":"2.0","method":"notifications/x"}]',
    'batch: answered',
    {},
    '2025-03-26',
  ),
  'the end of a session': { run: inSession(() => [{ method: 'DELETE' }]), ends: ['http DELETE: answered'] },
  'the end of no session': refused({ method: 'DELETE' }, 'http DELETE: refused session-required'),
  'a stream without a session': refused({ method: 'GET' }, 'http GET: refused method-not-allowed'),
  'a stream that is not accepted': refused(
    { method: 'GET', headers: { accept: 'application/json' } },
    'http GET: refused not-acceptable',
  ),
  'a stream of another': {
    run: inSession(() => [{ method: 'GET', headers: { authorization: 'b' } }]),
    ends: ['http GET: refused unknown-session'],
  },
  'a stream beyond the limit': {
    run: async ({ house, ledger }, more) => {
      const session = await openSession(house.doors[0]!, undefined, { authorization: 'streams' });
      await ledger.take();
      return [await house.doors[0]!.send({ method: 'GET', headers: { ...session, ...more } })];
    },
    ends: ['http GET: refused limited'],
  },
  'a stream that is left': {
    run: async (all) => {
      const session = await openSession(all.house.doors[0]!, undefined, { authorization: 'a' });
      await all.ledger.take();
      await leaves({ method: 'GET', headers: session, body: '' }, async (one) => {
        await intended(one);
        await new Promise((resolve) => setTimeout(resolve, 20));
      })(all, {});
    },
    ends: ['http GET: disconnected'],
  },
  'a stream whose session ends': {
    run: async (all) => {
      const door = all.house.doors[0]!;
      const session = await openSession(door, undefined, { authorization: 'a' });
      await all.ledger.take();
      const stream = door.send({ method: 'GET', headers: session });
      await intended(all);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await door.send({ method: 'DELETE', headers: session });
      await stream;
    },
    ends: ['http DELETE: answered', 'http GET: answered'],
  },
  'a legacy call that outlives its client': {
    run: async (all) => {
      const session = await openSession(all.house.doors[0]!, undefined, { authorization: 'a' });
      await all.ledger.take();
      await leaves({ headers: session, body: legacyCall('s__slow') }, ({ called }) => called())(all, {});
      await new Promise((resolve) => setTimeout(resolve, 20));
      all.letGo();
    },
    ends: ['tools/call: answered'],
  },
  'a legacy call that is cancelled': {
    run: async (all) => {
      const door = all.house.doors[0]!;
      const session = await openSession(door, undefined, { authorization: 'a' });
      await all.ledger.take();
      const leaving = leaves({ headers: session, body: legacyCall('s__slow') }, async ({ called }) => {
        await called();
        await door.send({
          headers: session,
          body: '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}',
        });
      });
      await leaving(all, {});
    },
    ends: ['notifications/cancelled: answered', 'tools/call: cancelled'],
  },
};
