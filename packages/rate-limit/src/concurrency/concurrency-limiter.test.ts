import { describe, expect, test } from 'vitest';
import { FakeTime, settled } from '../../test/fake-time.ts';
import {
  createConcurrencyLimiter,
  type ConcurrencyRule,
  type EnterOptions,
  type Lease,
  type Shed,
} from './concurrency-limiter.ts';

function limiterOf(rules: readonly ConcurrencyRule[], more: { maxWaitMs?: number; maxIdleGates?: number } = {}) {
  const time = new FakeTime();
  const limiter = createConcurrencyLimiter({ rules, now: time.now, schedule: time.schedule, ...more });
  const log: string[] = [];
  /** Enters and notes when and how that ends. */
  const enter = (name: string, server = 's', options: EnterOptions = {}, tool?: string): Promise<Lease | Shed> => {
    const pending = Promise.resolve(limiter.enter({ principal: name.replace(/\d+$/, ''), server, tool }, options));
    void pending.then((result) => log.push(result.entered ? name : `${name}:${result.reason}`));
    return pending;
  };
  return { limiter, time, enter, log };
}

const upstream: ConcurrencyRule = { name: 'upstream', by: ['server'], limit: 2 };

test('lets in as many as may be under way, and the next when one has left', async () => {
  const { enter, log, limiter } = limiterOf([upstream]);
  const first = (await enter('a0')) as Lease;
  await enter('a1');
  void enter('a2');
  void enter('b0', 'other');
  await settled();
  expect(log).toEqual(['a0', 'a1', 'b0']);
  first.leave();
  first.leave();
  await settled();
  expect(log).toEqual(['a0', 'a1', 'b0', 'a2']);
  void enter('a3');
  await settled();
  expect(limiter.stats()).toContainEqual({ rule: 'upstream', limit: 2, underWay: 2, queued: 1 });
});

test('is no promise when there is room', () => {
  const { limiter } = limiterOf([upstream]);
  expect(limiter.enter({ server: 's' })).toMatchObject({ entered: true });
});

test('a subject a rule does not apply to passes', () => {
  const { limiter } = limiterOf([upstream]);
  for (let i = 0; i < 5; i++) expect(limiter.enter({ principal: 'p' })).toMatchObject({ entered: true });
});

test('takes turns by principal', async () => {
  const { enter, log } = limiterOf([{ ...upstream, limit: 1 }]);
  let lease = await enter('m0');
  const waiting = Array.from({ length: 9 }, (_, i) => enter(`m${i + 1}`));
  const [alice, bob] = [enter('alice1'), enter('bob1')];
  for (const next of [waiting[0]!, alice, bob, waiting[1]!]) {
    (lease as Lease).leave();
    lease = await next;
  }
  expect(log).toEqual(['m0', 'm1', 'alice1', 'bob1', 'm2']);
});

test('sheds what does not fit into the queue, with the words of 503', async () => {
  const { enter } = limiterOf([{ ...upstream, limit: 1, maxQueuedPerCaller: 1 }]);
  void enter('a0');
  void enter('a1');
  expect(await enter('a2')).toMatchObject({
    entered: false,
    reason: 'queue-full',
    rule: 'upstream',
    refusal: { status: 503, policies: ['upstream'] },
  });
});

describe('nobody waits beyond', () => {
  test('the deadline of the call', async () => {
    const { enter, time, log } = limiterOf([{ ...upstream, limit: 1 }]);
    const lease = (await enter('a0')) as Lease;
    void enter('a1', 's', { deadlineMs: 100 });
    void enter('b0', 's', { deadlineMs: 500 });
    await time.pass(99);
    expect(log).toEqual(['a0']);
    await time.pass(1);
    expect(log).toEqual(['a0', 'a1:deadline']);
    lease.leave();
    await settled();
    expect(log).toEqual(['a0', 'a1:deadline', 'b0']);
    expect(time.pending).toBe(0);
  });

  test('the longest wait of the limiter, whatever the call says', async () => {
    const { enter, time, log } = limiterOf([{ ...upstream, limit: 1 }], { maxWaitMs: 300 });
    void enter('a0');
    void enter('a1', 's', { deadlineMs: 1e9 });
    await time.pass(300);
    expect(log).toEqual(['a0', 'a1:deadline']);
  });

  test('a deadline that has passed already, even if there is room', async () => {
    const { enter } = limiterOf([upstream]);
    expect(await enter('a0', 's', { deadlineMs: 0 })).toMatchObject({ entered: false, reason: 'deadline' });
  });

  test('his own leaving', async () => {
    const { enter, time, log } = limiterOf([{ ...upstream, limit: 1 }]);
    const lease = (await enter('a0')) as Lease;
    const caller = new AbortController();
    void enter('a1', 's', { signal: caller.signal });
    void enter('a2');
    caller.abort();
    await settled();
    lease.leave();
    await settled();
    expect(log).toEqual(['a0', 'a1:aborted', 'a2']);
    expect(await enter('a3', 's', { signal: caller.signal })).toMatchObject({ entered: false, reason: 'aborted' });
    expect(time.pending).toBe(1 - 1);
  });
});

describe('several rules', () => {
  const rules: ConcurrencyRule[] = [
    { name: 'tool', by: ['server', 'tool'], limit: 1, maxQueued: 0, maxQueuedPerCaller: 0 },
    { name: 'upstream', by: ['server'], limit: 2, maxQueued: 0, maxQueuedPerCaller: 0 },
  ];

  test('must all have room, and who is turned away holds nothing', async () => {
    const { enter, limiter } = limiterOf(rules);
    const first = (await enter('a0', 's', {}, 'x')) as Lease;
    await enter('a1', 's', {}, 'y');
    expect(await enter('a2', 's', {}, 'x')).toMatchObject({ entered: false, rule: 'tool' });
    expect(await enter('a3', 's', {}, 'z')).toMatchObject({ entered: false, rule: 'upstream' });
    first.leave();
    expect(await enter('a4', 's', {}, 'z')).toMatchObject({ entered: true });
    expect(limiter.stats().filter(({ rule }) => rule === 'tool')).toHaveLength(2);
  });
});

test('forgets gates nobody is in, so that names of callers do not pile up', () => {
  const { limiter } = limiterOf([upstream, { name: 'adaptive', by: ['tool'], limit: {} }], { maxIdleGates: 10 });
  for (let i = 0; i < 500; i++) {
    const lease = limiter.enter({ server: `s${i}`, tool: `t${i}` }) as Lease;
    lease.leave();
  }
  const rules = limiter.stats().map(({ rule }) => rule);
  expect(rules.filter((rule) => rule === 'upstream')).toHaveLength(0);
  expect(rules.filter((rule) => rule === 'adaptive')).toHaveLength(10);
});

test('an adaptive gate narrows when an upstream slows down and widens when it recovers', async () => {
  const { limiter, time } = limiterOf([{ name: 'adaptive', by: ['server'], limit: { initial: 10, min: 2, max: 40 } }]);
  const limit = (): number => limiter.stats()[0]!.limit;
  const round = async (tookMs: number, ending: 'done' | 'overloaded' = 'done'): Promise<void> => {
    const leases: Lease[] = [];
    const first = limiter.enter({ server: 's' }) as Lease;
    leases.push(first);
    while (leases.length < limit()) leases.push(limiter.enter({ server: 's' }) as Lease);
    await time.pass(tookMs);
    for (const lease of leases) lease.leave(ending);
  };
  for (let i = 0; i < 30; i++) await round(20);
  expect(limit()).toBe(40);
  for (let i = 0; i < 4; i++) await round(400);
  const slowed = limit();
  expect(slowed).toBeLessThan(20);
  for (let i = 0; i < 30; i++) await round(20);
  expect(limit()).toBe(40);
  for (let i = 0; i < 3; i++) await round(20, 'overloaded');
  expect(limit()).toBe(2);
});

test.each<[string, ConcurrencyRule[]]>([
  ['a limit of nothing', [{ ...upstream, limit: 0 }]],
  ['half a call', [{ ...upstream, limit: 1.5 }]],
  ['an unknown dimension', [{ ...upstream, by: ['planet' as never] }]],
  ['a negative queue', [{ ...upstream, maxQueued: -1 }]],
  ['bounds upside down', [{ ...upstream, limit: { min: 5, max: 2 } }]],
  ['two rules of one name', [upstream, upstream]],
  ['no name', [{ ...upstream, name: '' }]],
])('%s is refused at construction', (_what, rules) => {
  expect(() => createConcurrencyLimiter({ rules })).toThrow(TypeError);
});
