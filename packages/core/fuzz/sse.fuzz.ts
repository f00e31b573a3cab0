import { createSseParser } from '../src/upstreams/http/sse-parser.ts';

const LIMIT = 1_024;

function eventsOf(pieces: readonly Buffer[]): string[] {
  const events: string[] = [];
  const parser = createSseParser({
    maxEventBytes: LIMIT,
    onEvent: (data, event, id) => {
      if (data.length > LIMIT) throw new Error(`an event of ${data.length} bytes was let through`);
      events.push(`${data.toString('latin1')}|${event}|${id}`);
    },
  });
  for (const piece of pieces) if (!parser.push(piece)) events.push('dead');
  return events;
}

/** However the bytes are cut, the same events come out, none larger than allowed. */
export const target = {
  name: 'sse',
  dictionary: ['data: ', 'event: ', 'id: ', 'retry: ', '\r\n', '\n\n', '\r', ':\n\n', '\ufeff', '\0'],
  seeds: ['event: message\ndata: {"a":1}\n\n', 'id: 7\ndata: a\ndata: b\r\n\r\n', 'retry: 10\n:\n\ndata\n\n'],
  run(bytes: Buffer): void {
    const whole = eventsOf([bytes]);
    const half = bytes.length >> 1;
    const cut = eventsOf([bytes.subarray(0, half), bytes.subarray(half)]);
    const live = (events: string[]) => events.filter((event) => event !== 'dead');
    if (!whole.includes('dead') && JSON.stringify(live(whole)) !== JSON.stringify(live(cut)))
      throw new Error('the events depend on how the bytes were cut');
  },
};
