import { afterEach, expect, it, vi } from 'vitest';
import { parkMany, percentile, resumeMany, timePlain } from './many-parked.ts';
import { openParkedHouse, type ParkedHouse } from './parked-client.ts';

let house: ParkedHouse | undefined;
afterEach(() => house?.close());

it(
  'R-70: a thousand parked calls of fifty principals resolve to their own owners, and nothing is left',
  { timeout: 120_000 },
  async () => {
    house = await openParkedHouse();
    const before = percentile(await timePlain(house, 200), 0.5);
    const parked = await parkMany(house, { principals: 50, callsEach: 20 });
    expect(parked.filter(({ asked }) => asked.result?.resultType !== 'input_required')).toEqual([]);
    expect(house.gateway.status().parkedCalls).toBe(1_000);
    // Who asks nothing is served beside them. The figure is the bench's; here it must only not fall off a cliff.
    const during = percentile(await timePlain(house, 200), 0.5);
    expect(during).toBeLessThan(before * 5 + 50);
    expect(await resumeMany(house, parked)).toEqual([]);
    await vi.waitFor(() => expect(house!.gateway.status().parkedCalls).toBe(0), { timeout: 15_000 });
    expect(house.errors).toEqual([]);
  },
);
