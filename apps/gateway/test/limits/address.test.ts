import { describe, expect, onTestFinished, test } from 'vitest';
import { clientOf } from './client.ts';
import { modern, openLimitsHouse, type LimitsHouse } from './house.ts';

async function open(section: object | undefined, options = {}): Promise<LimitsHouse> {
  const house = await openLimitsHouse(section, { options });
  onTestFinished(() => house.close());
  return house;
}

const proxied = { http: { trustedProxies: ['127.0.0.1'] } };
const from = (address: string) => ({ ...modern('tools/list').headers, 'x-forwarded-for': address });

describe('R-41: the address, before anything else', () => {
  test('CHK-16: ten wrong credentials, and from then on nobody is asked; other addresses go on', async () => {
    let asked = 0;
    const house = await open(undefined, proxied);
    const list = modern('tools/list');
    const guess = clientOf(house, 'bad');
    for (let i = 0; i < 10; i++) {
      const { status } = await guess.send({ ...list, headers: from('192.0.2.1') });
      asked += status === 401 ? 1 : 0;
    }
    expect(asked).toBe(10);
    const eleventh = await guess.send({ ...list, headers: from('192.0.2.1') });
    expect([eleventh.status, eleventh.headers['content-type']]).toEqual([429, 'application/problem+json']);
    expect(JSON.parse(eleventh.text)).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#abnormal-usage-detected',
      'violated-policies': ['sign-in-failures'],
    });
    expect(Number(eleventh.headers['retry-after'])).toBeGreaterThan(0);
    // Even a good credential from there is not looked at any more.
    expect((await clientOf(house, 'ada').send({ ...list, headers: from('192.0.2.1') })).status).toBe(429);
    expect((await clientOf(house, 'ada').send({ ...list, headers: from('192.0.2.2') })).status).toBe(200);
    expect(house.events).toMatchObject([
      { type: 'limit.exceeded', rule: 'sign-in-failures', reason: 'address', subject: { address: '192.0.2.1' } },
    ]);
  });

  test('without a trusted proxy an address in a header is nobody’s', async () => {
    const house = await open(undefined);
    const guess = clientOf(house, 'bad');
    for (let i = 0; i < 10; i++) await guess.send({ ...modern('tools/list'), headers: from(`192.0.2.${i}`) });
    expect((await guess.send({ ...modern('tools/list'), headers: from('192.0.2.99') })).status).toBe(429);
  });

  test('who has no credential has not guessed one', async () => {
    const house = await open(undefined);
    const nobody = clientOf(house, undefined);
    for (let i = 0; i < 30; i++) expect((await nobody.send(modern('tools/list'))).status).toBe(401);
  });

  test('requests of any kind, where the section says so: before a body is read', async () => {
    const allowance = { amount: 60, periodMs: 3_600_000, burst: 3 };
    const house = await open({ address: { requests: allowance, failures: allowance } });
    const ada = clientOf(house, 'ada');
    for (let i = 0; i < 3; i++) expect((await ada.send({ body: '{' })).status).toBe(400);
    // A body of a hundred megabytes is announced and never sent: the answer does not wait for it.
    const early = await ada.send({ headers: { 'content-length': '100000000', expect: '100-continue' }, body: '' });
    expect(early.status).toBe(429);
  });
});
