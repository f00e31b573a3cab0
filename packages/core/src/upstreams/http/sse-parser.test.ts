import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSseParser } from './sse-parser.ts';

interface Seen {
  events: { data: string; event: string | undefined; id: string | undefined }[];
  retries: number[];
}

function parsePieces(pieces: readonly Uint8Array[]): Seen {
  const seen: Seen = { events: [], retries: [] };
  const parser = createSseParser({
    onEvent: (data, event, id) => seen.events.push({ data: data.toString(), event, id }),
    onRetry: (ms) => seen.retries.push(ms),
  });
  for (const piece of pieces) expect(parser.push(Buffer.from(piece))).toBe(true);
  return seen;
}

/** The rules of the HTML standard over the whole text: slow, simple, and written apart from the parser. */
function parseText(text: string): Seen {
  const seen: Seen = { events: [], retries: [] };
  const lines = text.replace(/^\u{feff}/u, '').split(/\r\n|\n|\r/);
  lines.pop(); // what has no line end yet
  let data: string[] = [];
  let event: string | undefined;
  let id: string | undefined;
  let named = false;
  for (const line of lines) {
    if (line === '') {
      if (data.length > 0 || named) seen.events.push({ data: data.join('\n'), event, id });
      [data, event, named] = [[], undefined, false];
      continue;
    }
    const [, field, value] = /^([^:]*)(?::\u{20}?([\s\S]*))?$/u.exec(line)!;
    if (field === 'data') data.push(value ?? '');
    if (field === 'event') event = value ?? '';
    if (field === 'id' && !value?.includes('\0')) [id, named] = [value ?? '', true];
    if (field === 'retry' && /^[0-9]+$/.test(value ?? '')) seen.retries.push(Math.min(86_400_000, Number(value)));
  }
  return seen;
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

const content = fc.oneof(
  fc.constant('{"jsonrpc":"2.0","id":1,"result":{}}'),
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((s) => s.replaceAll(/[\r\n]/g, '')),
  fc.constantFrom('', ' ', ':', ' : x', '\u{feff}', '\0', '12', '1e3', '99999999999999999999'),
);
const line = fc.oneof(
  { weight: 4, arbitrary: content.map((c) => `data: ${c}`) },
  content.map((c) => `data:${c}`),
  content.map((c) => `id: ${c}`),
  content.map((c) => `event:${c}`),
  content.map((c) => `retry:${c}`),
  content.map((c) => `:${c}`),
  fc.constantFrom('data', 'id', 'event', 'retry', 'dat', 'dataa: x', 'Data: x', ' data: x'),
  { weight: 5, arbitrary: fc.constant('') },
  content,
);
const stream = fc
  .tuple(
    fc.constantFrom('', '\u{feff}', '\u{feff}\u{feff}'),
    fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r', '\n\n', '\r\n\r\n', '\r\r')), { maxLength: 12 }),
    fc.constantFrom('', 'data: cut o'),
  )
  .map(([bom, lines, tail]) => bom + lines.map(([text, end]) => text + end).join('') + tail);

test('any cutting of the bytes gives what the whole text gives', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(400), { maxLength: 8 }), (text, places) => {
      const bytes = Buffer.from(text);
      expect(parsePieces(cut(bytes, places))).toEqual(parseText(text));
    }),
    { numRuns: 500 },
  );
});

test('byte by byte gives what the whole text gives', () => {
  fc.assert(
    fc.property(stream, (text) => {
      expect(parsePieces([...Buffer.from(text)].map((byte) => Buffer.from([byte])))).toEqual(parseText(text));
    }),
  );
});

describe('the rules one by one', () => {
  const cases: [string, string, Seen['events']][] = [
    ['one event in one piece', 'event: message\ndata: {}\n\n', [{ data: '{}', event: 'message', id: undefined }]],
    ['several lines of data', 'data: a\ndata:\ndata: b\n\n', [{ data: 'a\n\nb', event: undefined, id: undefined }]],
    [
      'an id stays for later events',
      'id: 7\ndata: a\n\ndata: b\n\n',
      [
        { data: 'a', event: undefined, id: '7' },
        { data: 'b', event: undefined, id: '7' },
      ],
    ],
    ['a priming event', 'id: 7\ndata: \n\n', [{ data: '', event: undefined, id: '7' }]],
    ['an event without its blank line is not one', 'data: a\n', []],
    ['a comment and a name alone are not events', ': hello\n\nevent: ping\n\n', []],
    ['only one space is taken off', 'data:  a\n\n', [{ data: ' a', event: undefined, id: undefined }]],
  ];
  test.each(cases)('%s', (_name, text, events) => {
    expect(parsePieces([Buffer.from(text)]).events).toEqual(events);
  });
});

test('the data of one event in one piece is not copied', () => {
  const chunk = Buffer.from('data: {"a":1}\n\n');
  let data: Buffer | undefined;
  createSseParser({ onEvent: (bytes) => (data = bytes) }).push(chunk);
  expect(data?.buffer).toBe(chunk.buffer);
});

describe('SDK-12: what is too long ends the parser', () => {
  const attacks: [string, string][] = [
    ['a line without end', 'data: ' + 'x'.repeat(40)],
    ['a comment without end', ':'.repeat(40)],
    ['an id without end', 'id: ' + '7'.repeat(40)],
    ['a line that is too long, with its end', 'data: ' + 'x'.repeat(40) + '\n\n'],
    ['data lines without end', 'data: xxxx\n'.repeat(8)],
    ['empty data lines without end', 'data\n'.repeat(40)],
  ];
  for (const pieceBytes of [1, 7, 1000]) {
    test.each(attacks)(`%s, ${pieceBytes} bytes at a time`, (_name, text) => {
      const events: string[] = [];
      const parser = createSseParser({ onEvent: (data) => events.push(data.toString()), maxEventBytes: 32 });
      let ok = true;
      for (let at = 0; at < text.length; at += pieceBytes)
        ok = parser.push(Buffer.from(text.slice(at, at + pieceBytes)));
      expect(ok).toBe(false);
      expect(parser.push(Buffer.from('\n\ndata: late\n\n'))).toBe(false);
      expect(events).toEqual([]);
    });
  }
  test('and many short events do not', () => {
    let events = 0;
    const parser = createSseParser({ onEvent: () => (events += 1), maxEventBytes: 32 });
    expect(parser.push(Buffer.from('data: xxxxxxxxxx\n\n'.repeat(100)))).toBe(true);
    expect(events).toBe(100);
  });
});
