import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMessage } from './message.ts';

const read = (text: string) => readMessage(text, { maxDepth: 100 });
const request = (members: string): string => `{"jsonrpc":"2.0","id":1,"method":"tools/call"${members}}`;

describe('readMessage', () => {
  it.each<[string, string, string]>([
    ['nothing', '', 'not-json'],
    ['half an object', '{"jsonrpc":"2.0"', 'not-json'],
    ['text behind', '{"jsonrpc":"2.0","id":1,"method":"x"}{}', 'not-json'],
    ['a comment', '/**/{}', 'not-json'],
    ['NaN', request(',"params":{"x":NaN}'), 'not-json'],
    ['a number', '5', 'not-a-message'],
    ['null', 'null', 'not-a-message'],
    ['an empty object', '{}', 'not-a-message'],
    ['an empty batch', '[]', 'not-a-message'],
    ['a batch in a batch', '[[{"jsonrpc":"2.0","id":1,"method":"x"}]]', 'not-a-message'],
    ['a batch with a number', '[1]', 'not-a-message'],
    ['no version', '{"id":1,"method":"x"}', 'not-a-message'],
    ['version 1.0', '{"jsonrpc":"1.0","id":1,"method":"x"}', 'not-a-message'],
    ['a version that is a number', '{"jsonrpc":2.0,"id":1,"method":"x"}', 'not-a-message'],
    ['a method that is none', '{"jsonrpc":"2.0","id":1,"method":5}', 'not-a-message'],
    ['an empty method', '{"jsonrpc":"2.0","id":1,"method":""}', 'not-a-message'],
    ['positional params', request(',"params":[1]'), 'not-a-message'],
    ['null params', request(',"params":null'), 'not-a-message'],
    ['a request that is a response', request(',"result":{}'), 'not-a-message'],
    ['a request with an error', request(',"error":{}'), 'not-a-message'],
    ['both outcomes', '{"jsonrpc":"2.0","id":1,"result":{},"error":{}}', 'not-a-message'],
    ['a result that is none', '{"jsonrpc":"2.0","id":1,"result":[]}', 'not-a-message'],
    ['two names', request(',"params":{"name":"a","name":"b"}'), 'duplicate-key'],
    ['nesting', '['.repeat(1000), 'too-deep'],
  ])('refuses %s', (_, text, reason) => expect(read(text)).toMatchObject({ kind: 'fault', reason }));

  it.each(['null', '1.5', '1e2', '-1.0', 'true', '{}', '[1]', `"${'x'.repeat(2000)}"`, '9'.repeat(100)])(
    'refuses the id %s and does not give it back',
    (id) => {
      const fault = read(`{"jsonrpc":"2.0","id":${id},"method":"x"}`);
      expect(fault).toMatchObject({ reason: 'not-a-message', code: -32600 });
      expect(fault).not.toHaveProperty('idText');
    },
  );

  it('takes strings and whole numbers as ids, in their very spelling', () => {
    const id = fc.oneof(
      fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n }).map(String),
      fc.string({ unit: 'binary-ascii', maxLength: 100 }).map((text) => JSON.stringify(text.toWellFormed())),
    );
    fc.assert(
      fc.property(id, (text) => {
        expect(read(`{"jsonrpc":"2.0", "id" : ${text} ,"method":"x"}`)).toMatchObject({
          kind: 'request',
          idText: text,
        });
      }),
    );
  });

  it.each([
    'Method',
    'METHOD',
    'Id',
    'id\\u0000',
    '\\u0000id',
    'Params',
    'JSONRPC',
    'Result',
    'method ',
    'para\\u200bms',
    'param\\u017f',
    `id${'\\u0000'.repeat(100)}`,
  ])('refuses a member that passes for one of the envelope: %s', (key) =>
    expect(read(request(`,"${key}":"x"`))).toMatchObject({ reason: 'ambiguous-key', idText: '1' }),
  );

  it.each([
    'Name',
    'NAME',
    'name\\u0000',
    'Arguments',
    'URI',
    '_META',
    '_Meta',
    'Cursor',
    'taskid',
    'TaskId',
    'requeststate',
    'INPUTRESPONSES',
    'argument\\u017f',
    'tas\\u212aId',
  ])('refuses a parameter that passes for one that routes: %s', (key) =>
    expect(read(request(`,"params":{"${key}":"x"}`))).toMatchObject({ reason: 'ambiguous-key' }),
  );

  it('leaves all other names alone', () => {
    const params =
      '{"name":"a","arguments":{"Name":1,"NAME":2,"name":3},"nam":1,"n_ame":2,"X":1,"taskId":"t","requestState":"s","inputResponses":{},"名":1,"toString":1}';
    expect(read(request(`,"params":${params}`))).toMatchObject({ kind: 'request' });
  });

  it('gives the id of a refused message back only where there is exactly one', () => {
    expect(read('{"jsonrpc":"2.0","id":7,"method":"x","params":{"a":1,"a":2}}')).toMatchObject({ idText: '7' });
    expect(read('{"jsonrpc":"2.0","id":7,"id":8,"method":"x"}')).not.toHaveProperty('idText');
    expect(read(String.raw`{"jsonrpc":"2.0","id":7,"\u0069d":8,"method":"x"}`)).not.toHaveProperty('idText');
  });

  it('reads arrays in arrays in linear time', () => {
    const inner = Array.from({ length: 40_000 }, () => '{"jsonrpc":"2.0","method":"x"}').join(',');
    const started = process.cpuUsage();
    expect(read('['.repeat(99) + inner + ']'.repeat(99))).toMatchObject({ reason: 'not-a-message' });
    // Read once for each level it took seconds.
    expect(process.cpuUsage(started).user).toBeLessThan(1_500_000);
  });

  it('never throws', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"jsonrpc"',
      '"2.0"',
      '"id"',
      '"method"',
      '"params"',
      '1',
      'null',
      '"x"',
      '\\',
      '"',
      '\u0000',
      '\ud800',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect(read(pieces.join(''))).toHaveProperty('kind');
      }),
      { numRuns: 2000 },
    );
  });
});
