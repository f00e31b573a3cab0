import { describe, expect, it } from 'vitest';
import { classify } from './classify.ts';
import { isFault } from './faults.ts';
import { readMessage } from './message.ts';
import { META } from './meta.ts';

const NEW = '2026-07-28';
const LATER = '2027-01-01';
const OLD = '2025-11-25';
const envelope = (revision: unknown = NEW, more: object = {}): object => ({
  _meta: { [META.revision]: revision, [META.capabilities]: {}, ...more },
});
const request = (method: string, params?: object): object => ({ jsonrpc: '2.0', id: 1, method, params });
const note = (params?: object): object => ({ jsonrpc: '2.0', method: 'notifications/x', params });
const response = { jsonrpc: '2.0', id: 1, result: {} };
const headers = (version?: string, method?: string, name?: string): Record<string, string | undefined> => ({
  'mcp-protocol-version': version,
  'mcp-method': method,
  'mcp-name': name,
});

type Row = [what: string, body: unknown, headers: Record<string, string | undefined>, verdict: string | number];
const call = request('tools/call', { name: 'a', ...envelope() });
const list = request('tools/list', envelope());

const rows: Row[] = [
  ['a batch with a claim', [list], headers(), -32600],
  ['a batch under a modern header', [request('ping')], headers(NEW), -32600],
  ['a batch of legacy messages', [request('ping'), note(), response], headers(), 'legacy'],
  ['a response', response, headers(OLD), 'legacy'],
  ['a response under a modern header', response, headers(NEW), -32600],
  ['initialize without a claim', request('initialize', {}), headers(), 'legacy'],
  ['initialize, legacy header', request('initialize', {}), headers(OLD), 'legacy'],
  ['initialize with a broken claim', request('initialize', { _meta: { [META.revision]: NEW } }), headers(), 'legacy'],
  ['initialize, modern header', request('initialize', {}), headers(NEW), -32020],
  ['initialize, later header', request('initialize', {}), headers(LATER), -32020],
  ['initialize with a valid claim', request('initialize', envelope()), headers(NEW, 'initialize'), 'modern'],
  ['a claim that is a number', request('tools/list', envelope(1)), headers(NEW, 'tools/list'), -32602],
  ['a claim that is null', request('tools/list', envelope(null)), headers(), -32602],
  [
    'a claim without capabilities',
    request('tools/list', { _meta: { [META.revision]: NEW } }),
    headers(NEW, 'tools/list'),
    -32602,
  ],
  [
    'capabilities that are a list',
    request('tools/list', envelope(NEW, { [META.capabilities]: [] })),
    headers(NEW, 'tools/list'),
    -32602,
  ],
  [
    'a client without a version',
    request('tools/list', envelope(NEW, { [META.client]: { name: 'x' } })),
    headers(NEW, 'tools/list'),
    -32602,
  ],
  [
    'a token that is a fraction',
    request('tools/list', envelope(NEW, { progressToken: 1.5 })),
    headers(NEW, 'tools/list'),
    -32602,
  ],
  [
    'a token that is an object',
    request('tools/list', envelope(NEW, { progressToken: {} })),
    headers(NEW, 'tools/list'),
    -32602,
  ],
  ['another version in the header', list, headers(LATER, 'tools/list'), -32020],
  ['a legacy version in the header', list, headers(OLD, 'tools/list'), -32020],
  ['two versions in the header', list, headers(`${NEW}, ${NEW}`, 'tools/list'), -32020],
  ['another method in the header', list, headers(NEW, 'tools/call'), -32020],
  ['a method in another case', list, headers(NEW, 'Tools/List'), -32020],
  ['all headers', call, headers(NEW, 'tools/call', 'a'), 'modern'],
  ['blanks around headers', call, headers(` ${NEW}\t`, ' tools/call ', ' a '), 'modern'],
  ['no version header', list, headers(undefined, 'tools/list'), -32020],
  ['no method header', list, headers(NEW), -32020],
  ['no name header', call, headers(NEW, 'tools/call'), -32020],
  ['another name', call, headers(NEW, 'tools/call', 'b'), -32020],
  ['a name in another case', call, headers(NEW, 'tools/call', 'A'), -32020],
  ['an encoded name', call, headers(NEW, 'tools/call', '=?base64?YQ==?='), 'modern'],
  ['a badly encoded name', call, headers(NEW, 'tools/call', '=?base64?YQ?='), -32020],
  [
    'another URI',
    request('resources/read', { uri: 'a:1', ...envelope() }),
    headers(NEW, 'resources/read', 'a:2'),
    -32020,
  ],
  ['an unknown version', request('tools/list', envelope(LATER)), headers(LATER, 'tools/list'), -32022],
  ['a legacy version as a claim', request('tools/list', envelope(OLD)), headers(OLD, 'tools/list'), -32022],
  ['no claim, modern header', request('tools/list', {}), headers(NEW, 'tools/list'), -32602],
  ['no claim, later header', request('tools/list'), headers(LATER), -32602],
  ['no claim, no header', request('tools/list'), headers(), 'legacy'],
  ['no claim, legacy header', request('tools/list'), headers(OLD), 'legacy'],
  ['no claim, a header that is no date', request('tools/list'), headers('latest'), 'legacy'],
  ['a notification with a claim', note(envelope()), headers(NEW, 'notifications/x'), 'modern'],
  ['a notification, other version', note(envelope()), headers(OLD), -32020],
  ['a notification, other method', note(envelope()), headers(NEW, 'notifications/y'), -32020],
  ['a notification, broken claim', note(envelope(5)), headers(NEW), -32602],
  ['a notification without a claim, modern header', note(), headers(NEW), 'modern'],
  ['a notification without a claim', note(), headers(), 'legacy'],
];

describe('classify', () => {
  it.each(rows)('%s', (_, body, given, verdict) => {
    const message = readMessage(JSON.stringify(body), { maxDepth: 100 });
    if (isFault(message)) throw new Error('the case itself is not a message');
    const result = classify(message, (name) => given[name]);
    if (typeof verdict === 'string') return expect(result).toMatchObject({ kind: verdict });
    return expect(result).toMatchObject({ kind: 'fault', status: 400, code: verdict });
  });

  it('says which versions are served, and which was asked for', () => {
    const message = readMessage(JSON.stringify(request('tools/list', envelope(LATER))), { maxDepth: 100 });
    if (isFault(message)) throw new Error('the case itself is not a message');
    expect(classify(message)).toMatchObject({ data: { supported: [NEW], requested: LATER }, idText: '1' });
  });

  it('needs no headers where the transport has none', () => {
    for (const body of [call, list]) {
      const message = readMessage(JSON.stringify(body), { maxDepth: 100 });
      if (isFault(message)) throw new Error('the case itself is not a message');
      expect(classify(message)).toEqual({ kind: 'modern', revision: NEW });
    }
  });
});
