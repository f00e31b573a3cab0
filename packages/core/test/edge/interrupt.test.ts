import { afterEach, describe, expect, it } from 'vitest';
import { slow } from '../fixtures/servers/slow.ts';
import { startRawHttp } from '../fixtures/servers/raw/http.ts';
import { modern, openHouse } from './raw-client.ts';
import type { House } from './raw-client.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

type Eras = readonly ['modern' | 'legacy'];

/** Two servers that never answer, a caller by the header `who`, and how often a server was told to give up. */
async function twoSlowServers(eras: Eras): Promise<{ house: House; cancelled: () => number }> {
  let cancelled = 0;
  const upstreams = await Promise.all(
    ['a', 'b'].map(async (name) => {
      const server = await startRawHttp(slow({ onCancel: () => (cancelled += 1) }), { eras });
      closers.push(() => server.close());
      return { name, kind: 'http' as const, url: server.url, transport: 'streamable-http' as const, headers: {} };
    }),
  );
  const house = await openHouse({
    upstreams,
    authenticate: ({ header }) => ({ id: header('who') ?? 'nobody' }),
  });
  closers.push(() => house.close());
  return { house, cancelled: () => cancelled };
}

async function hang(house: House, server: string, who: string): Promise<{ error?: { code: number; message: string } }> {
  const sent = modern('tools/call', `"name":"${server}__hang","arguments":{}`);
  const { text } = await house.doors[0]!.send({ ...sent, headers: { ...sent.headers, who } });
  return JSON.parse(text) as { error?: { code: number; message: string } };
}

describe.each([['modern'], ['legacy']] as const)('calls that hang at a %s server', (...eras) => {
  it('are broken off where they are meant, are cancelled at their server, and the others go on', async () => {
    const { house, cancelled } = await twoSlowServers(eras);
    const ofAda = hang(house, 'a', 'ada');
    const ofBob = hang(house, 'a', 'bob');
    const elsewhere = hang(house, 'b', 'ada');
    const seen: string[] = [];
    await expect
      .poll(() => {
        seen.length = 0;
        house.gateway.interrupt(({ principal, server }) => {
          seen.push(`${principal.id} ${server}`);
          return false;
        });
        return seen.toSorted();
      })
      .toEqual(['ada a', 'ada b', 'bob a']);

    expect(house.gateway.interrupt(({ principal }) => principal.id === 'bob')).toBe(1);
    expect((await ofBob).error).toMatchObject({ code: -31503, message: expect.stringContaining('broken this off') });
    await expect.poll(cancelled).toBe(1);

    expect(house.gateway.interrupt(({ server }) => server === 'a')).toBe(1);
    expect((await ofAda).error?.code).toBe(-31503);
    await expect.poll(cancelled).toBe(2);
    expect(house.gateway.interrupt(() => true)).toBe(1);
    await elsewhere;
    expect(house.gateway.interrupt(() => true)).toBe(0);
  });

  it('end with the principal whose credential was taken back', async () => {
    const { house, cancelled } = await twoSlowServers(eras);
    const ofAda = hang(house, 'a', 'ada');
    let underWay = 0;
    await expect
      .poll(() => {
        underWay = 0;
        house.gateway.interrupt(() => {
          underWay += 1;
          return false;
        });
        return underWay;
      })
      .toBe(1);
    house.gateway.revoke(({ id }) => id === 'bob');
    house.gateway.revoke(({ id }) => id === 'ada');
    expect((await ofAda).error?.code).toBe(-31503);
    await expect.poll(cancelled).toBe(1);
  });
});
