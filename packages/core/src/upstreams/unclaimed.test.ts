import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Deadlines } from './deadlines.ts';
import type { ServerRequest } from './peer.ts';
import { Unclaimed } from './unclaimed.ts';

const handler = (party?: object) => ({ handler: { party, answer: () => {}, fail: () => {}, notify: () => {} } });

describe('a question without a word of its call', () => {
  let now = 0;
  let deadlines: Deadlines;
  const given: unknown[] = [];
  const refused: string[] = [];
  let unclaimed: Unclaimed<ReturnType<typeof handler>>;
  const question = (id: string): ServerRequest => ({
    method: 'roots/list',
    text: '',
    idText: id,
    respond: () => void refused.push(id),
  });

  beforeEach(() => {
    now = 0;
    given.length = 0;
    refused.length = 0;
    deadlines = new Deadlines(() => now, 5);
    unclaimed = new Unclaimed(deadlines, (call, { idText }) => given.push([call, idText]));
  });
  afterEach(() => deadlines.close());

  it('is for the one call in flight', () => {
    const call = handler();
    unclaimed.put(question('1'), [call]);
    expect(given).toEqual([[call, '1']]);
  });

  it('is refused where none is', () => {
    unclaimed.put(question('1'), []);
    expect(refused).toEqual(['1']);
  });

  it('waits until the others are answered', () => {
    const [a, b, c] = [handler(), handler(), handler()];
    unclaimed.put(question('1'), [a, b, c]);
    unclaimed.answered(a);
    unclaimed.answered(handler());
    expect(given).toEqual([]);
    unclaimed.answered(c);
    expect(given).toEqual([[b, '1']]);
    expect(refused).toEqual([]);
  });

  it('is refused when one that may have asked it leaves without an answer', () => {
    const [a, b] = [handler(), handler()];
    unclaimed.put(question('1'), [a, b]);
    unclaimed.gone(a);
    unclaimed.answered(b);
    expect(refused).toEqual(['1']);
    expect(given).toEqual([]);
  });

  it('is refused when it waits too long', async () => {
    unclaimed.put(question('1'), [handler(), handler()]);
    now = 10_001;
    await expect.poll(() => refused, { timeout: 10_000 }).toEqual(['1']);
  });

  it('is put at once where all calls are of one client', () => {
    const client = {};
    const [a, b] = [handler(client), handler(client)];
    unclaimed.put(question('1'), [a, b]);
    expect(given).toEqual([[a, '1']]);
    unclaimed.put(question('2'), [a, handler({})]);
    unclaimed.put(question('3'), [handler(), handler()]);
    expect(given).toHaveLength(1);
  });
});
