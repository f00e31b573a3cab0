import { ENVELOPE } from '../edge/raw-client.ts';
import type { Drive } from './drives.ts';

const INITIALIZE =
  '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}';
const modernCall = (name: string, id = 5): string =>
  `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${name}","arguments":{},${ENVELOPE}}}`;
const legacy = (method: string, params = '{}', id = 6): string =>
  `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`;

const lines = (all: readonly string[], ends: readonly string[]): Drive => ({
  run: async ({ stdio }) => void (await stdio(all)),
  ends,
});
const inSession = (line: string, end: string): Drive => lines([INITIALIZE, line], ['initialize: answered', end]);

export const stdioDrives: Readonly<Record<string, Drive>> = {
  'stdio: a line that is no JSON': lines(['{'], ['line: refused not-json']),
  'stdio: a line that is too long': lines([`{${' '.repeat(5000)}`], ['line: refused too-large']),
  'stdio: a batch': lines([`[${modernCall('s__t')}]`], ['line: refused batch']),
  'stdio: a modern call': lines([modernCall('s__t')], ['tools/call: answered']),
  'stdio: a modern call that is refused': lines([modernCall('s__none')], ['tools/call: refused unknown-target']),
  'stdio: an unknown modern method': lines(
    [`{"jsonrpc":"2.0","id":5,"method":"no/such","params":{${ENVELOPE}}}`],
    ['no/such: refused unknown-method'],
  ),
  'stdio: a modern notification': lines(
    [`{"jsonrpc":"2.0","method":"notifications/x","params":{${ENVELOPE}}}`],
    ['notifications/x: answered'],
  ),
  'stdio: a modern call that is cancelled': {
    run: async ({ stdio, called }) => void (await stdio([modernCall('s__slow')], called)),
    ends: ['tools/call: cancelled'],
  },
  'stdio: a request before the session': lines([legacy('tools/list')], ['tools/list: refused session-required']),
  'stdio: a ping before the session': lines([legacy('ping')], ['ping: answered']),
  'stdio: a notification before the session': lines(
    ['{"jsonrpc":"2.0","method":"notifications/x"}'],
    ['notifications/x: answered'],
  ),
  'stdio: a session without a version': lines(
    ['{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}'],
    ['initialize: refused invalid-params'],
  ),
  'stdio: nobody': {
    run: async ({ stdio }) => void (await stdio([legacy('ping')], undefined, 'nobody')),
    ends: ['ping: refused unauthenticated'],
  },
  'stdio: a notification of nobody': {
    run: async ({ stdio }) => void (await stdio(['{"jsonrpc":"2.0","method":"notifications/x"}'], undefined, 'nobody')),
    ends: ['notifications/x: refused unauthenticated'],
  },
  'stdio: a notification beyond the limit': {
    run: async ({ stdio }) =>
      void (await stdio([INITIALIZE, '{"jsonrpc":"2.0","method":"notifications/x"}'], undefined, 'poor')),
    ends: ['initialize: answered', 'notifications/x: refused limited'],
  },
  'stdio: a ping beyond the limit': {
    run: async ({ stdio }) => void (await stdio([legacy('ping')], undefined, 'poor')),
    ends: ['ping: refused limited'],
  },
  'stdio: a list': inSession(legacy('tools/list'), 'tools/list: answered'),
  'stdio: a call': inSession(legacy('tools/call', '{"name":"s__t","arguments":{}}'), 'tools/call: answered'),
  'stdio: an unknown method': inSession(legacy('no/such'), 'no/such: refused unknown-method'),
  'stdio: a notification': inSession('{"jsonrpc":"2.0","method":"notifications/x"}', 'notifications/x: answered'),
  'stdio: an answer to nothing': inSession('{"jsonrpc":"2.0","id":9,"result":{}}', 'response: answered'),
};
