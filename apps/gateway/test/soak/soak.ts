import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createKey, revokeKey, rotateKey } from '@sekisho/auth/keys';
import { openKeyRoom, type KeyRoom } from '../../src/mount/key-room.ts';
import { listResult, startRawHttp, textResult, type RawHttp } from '../support/raw-server.ts';
import { ask, hangUp, leave, type Caller } from './caller.ts';
import { readRecord, type RecordFigures } from './record-figures.ts';
import { startProgram } from './program.ts';
import { errands, ping, settle, type Errand } from './traffic.ts';

export type SoakOptions = {
  readonly minutes: number;
  /** Told what goes on, a line at a time. Default: nobody. */
  readonly say?: (line: string) => void;
};

export type SoakFigures = {
  readonly seconds: number;
  readonly requests: number;
  /** How many ended how: "ok", "refused", and the reasons. */
  readonly ends: Readonly<Record<string, number>>;
  /** What should not have been, at most a hundred. */
  readonly failures: readonly string[];
  readonly crashes: number;
  readonly reloads: number;
  readonly rotations: number;
  readonly revocations: number;
  /** Bytes, in the order of time. */
  readonly memory: readonly { readonly resident: number; readonly heap: number }[];
  readonly record: RecordFigures;
  readonly verified: { readonly code: number | null; readonly out: string };
  readonly exitCode: number | null;
};

const PRINCIPALS = 20;

/**
 * Mixed traffic of twenty principals in both eras with everything on, while servers crash, the configuration is reloaded,
 * and keys are rotated and revoked.
 */
export async function soak({ minutes, say = () => undefined }: SoakOptions): Promise<SoakFigures> {
  const durationMs = minutes * 60_000;
  const startedMs = performance.now();
  const left = (): number => durationMs - (performance.now() - startedMs);
  const flaky = { server: await startFlaky(0) };
  const program = await startProgram(flaky.server.url);
  try {
    const room = await openKeyRoom(program.stateFolder, { now: Date.now });
    const people: { caller: Caller; keyId: string }[] = [];
    for (let number = 0; number < PRINCIPALS; number++) people.push(await settleIn(room, number));
    const breaker = await settleIn(room, PRINCIPALS);
    const ends: Record<string, number> = {};
    const failures: string[] = [];
    const memory: { resident: number; heap: number }[] = [];
    const counts = { crashes: 0, versions: 0, rotations: 0, revocations: 0 };
    const note = (end: string): void => void (ends[end] = (ends[end] ?? 0) + 1);

    const live = async ({ caller }: { caller: Caller }, number: number): Promise<void> => {
      const own = caller.era === 'legacy' ? [...errands, ping] : errands;
      const deck = own.flatMap((errand) => Array.from({ length: errand.weight }, () => errand));
      for (let turn = number * 7; left() > 0; turn++) {
        const errand = deck[(turn * 13) % deck.length] as Errand;
        const askedMs = performance.now();
        const answer = await ask(program.port, caller, errand.method, errand.params);
        const end = settle(errand, answer, caller, askedMs);
        if (typeof end === 'object') {
          note('failed');
          if (failures.length < 100) failures.push(`after ${Math.round((askedMs - startedMs) / 1000)} s: ${end.wrong}`);
        } else note(end);
        if (end === 'session') caller.session = undefined;
        await wait(40 + ((turn * 17) % 60));
      }
      await leave(program.port, caller);
    };
    const every = async (ms: number, act: () => Promise<void>): Promise<void> => {
      for (;;) {
        await wait(Math.min(ms, Math.max(0, left())));
        if (left() <= 0) return;
        await act();
      }
    };
    // In 20 s all of it happens, in half an hour it happens often.
    const pace = Math.max(1, Math.min(5, minutes));
    await Promise.all([
      ...people.map(live),
      every(4_000 * pace, async () => {
        await ask(program.port, breaker.caller, 'tools/call', { name: 'crashing__crash', arguments: {} });
        counts.crashes += 1;
      }),
      every(5_000 * pace, async () => {
        const { port } = new URL(flaky.server.url);
        await flaky.server.close();
        await wait(500);
        flaky.server = await startFlaky(Number(port));
        counts.crashes += 1;
      }),
      every(3_000 * pace, async () => await program.configure((counts.versions += 1))),
      every(2_000 * pace, async () => {
        const one = people[counts.rotations++ % PRINCIPALS]!;
        const { key, record } = await rotateKey(room.administration, one.keyId, { overlapMs: 3_000 });
        Object.assign(one, { keyId: record.keyId });
        Object.assign(one.caller, { key, changedMs: performance.now() + 3_000 });
      }),
      every(7_000 * pace, async () => {
        const one = people[(counts.revocations++ * 3 + 1) % PRINCIPALS]!;
        const next = await settleIn(room, Number(one.caller.name.slice(1)));
        const old = one.keyId;
        Object.assign(one, { keyId: next.keyId });
        Object.assign(one.caller, { key: next.caller.key, changedMs: performance.now() });
        await revokeKey(room.administration, old);
      }),
      every(1_000 * Math.max(1, pace * 2), async () => {
        memory.push(await program.memory());
        const { resident, heap } = memory.at(-1)!;
        const total = Object.values(ends).reduce((sum, count) => sum + count, 0);
        say(
          `${Math.round((performance.now() - startedMs) / 1000)} s: ${total} calls, ${mebibytes(resident)} MiB resident, ${mebibytes(heap)} MiB heap, ${failures.length} failed`,
        );
      }),
    ]);
    await leave(program.port, breaker.caller);
    hangUp();
    const callers = [...people, breaker].map(({ caller }) => caller);
    const exitCode = await program.stop();
    const verified = await program.sekisho('audit', 'verify');
    return {
      seconds: Math.round((performance.now() - startedMs) / 1000),
      requests: callers.reduce((sum, { sent }) => sum + sent, 0),
      ends,
      failures,
      crashes: counts.crashes,
      reloads: program.reloads(),
      rotations: counts.rotations,
      revocations: counts.revocations,
      memory,
      record: await readRecord(join(program.stateFolder, 'audit/1')),
      verified,
      exitCode,
    };
  } finally {
    await program.remove();
    await flaky.server.close();
  }
}

async function settleIn(room: KeyRoom, number: number): Promise<{ caller: Caller; keyId: string }> {
  const { key, record } = await createKey(room.administration, {
    principal: `p${number}`,
    roles: number < PRINCIPALS ? ['user'] : ['breaker'],
  });
  const caller: Caller = {
    name: `p${number}`,
    era: number % 2 === 0 ? 'modern' : 'legacy',
    key,
    session: undefined,
    changedMs: performance.now(),
    sent: 0,
    broken: 0,
  };
  return { caller, keyId: record.keyId };
}

async function startFlaky(port: number): Promise<RawHttp> {
  return await startRawHttp(
    {
      name: 'flaky',
      capabilities: { tools: {} },
      methods: {
        'tools/list': ({ era }) => listResult(era, 'tools', [{ name: 'echo', inputSchema: { type: 'object' } }]),
        'tools/call': ({ era }) => textResult(era, 'from afar'),
      },
    },
    { port },
  );
}

/** @returns the growth of the least heap between the second fifth and the last, bytes: what garbage cannot explain */
export function growth(memory: SoakFigures['memory'], of: 'resident' | 'heap'): number {
  const fifth = Math.max(1, Math.floor(memory.length / 5));
  const least = (part: SoakFigures['memory']): number => Math.min(...part.map((one) => one[of]));
  return least(memory.slice(-fifth)) - least(memory.slice(fifth, 2 * fifth));
}

export function mebibytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1);
}
