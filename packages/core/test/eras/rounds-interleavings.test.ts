import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Principal } from '../../src/index.ts';
import { startAsker } from '../fixtures/servers/asker.ts';
import type { Ask } from '../fixtures/servers/asker.ts';
import type { RawHttp } from '../fixtures/servers/raw/http.ts';
import { startTestGateway } from '../support/gateway.ts';
import type { TestGateway } from '../support/gateway.ts';
import { LegacyClient } from '../support/legacy-client.ts';
import type { Heard } from '../support/legacy-client.ts';

const PRINCIPALS = ['ada', 'bob'] as const;
type Who = (typeof PRINCIPALS)[number];

let asker: RawHttp;
let gate: TestGateway;
beforeAll(async () => {
  asker = await startAsker();
  gate = await startTestGateway({
    upstreams: [{ name: 'a', kind: 'http', url: asker.url, transport: 'streamable-http', headers: {} }],
    authenticate: ({ header }): Principal => ({ id: header('x-user')! }),
  });
});
afterAll(async () => {
  await gate.close();
  await asker.close();
});

const question = (mark: string, kind: 'form' | 'roots'): Ask =>
  kind === 'roots'
    ? { method: 'roots/list', params: { _meta: { mark } } }
    : {
        method: 'elicitation/create',
        params: { mode: 'form', message: mark, requestedSchema: { type: 'object', properties: {} } },
      };

/** The mark that stands in a message: every call has one of its own. */
const markIn = (message: unknown): string | undefined => /(?:ada|bob)-\d+-mark/.exec(JSON.stringify(message))?.[0];

const someCall = fc.record({
  who: fc.constantFrom(...PRINCIPALS),
  rounds: fc.array(fc.array(fc.constantFrom('form', 'roots'), { minLength: 1, maxLength: 3 }), { maxLength: 3 }),
});

let lastMark = 0;

it('whatever the order of calls, questions and answers, nobody gets what is not theirs', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(someCall, { minLength: 2, maxLength: 6 }), fc.scheduler(), async (calls, scheduler) => {
      const clients = new Map<Who, LegacyClient>();
      for (const who of PRINCIPALS) {
        clients.set(
          who,
          await LegacyClient.open(gate.url, {
            capabilities: { elicitation: {}, roots: {} },
            headers: { 'x-user': who },
            // Each answer bears the mark of its question, and leaves when the scheduler says so.
            answer: async (asked: Heard) => {
              const mark = markIn(asked.params) ?? 'no mark';
              await scheduler.schedule(Promise.resolve(), mark);
              return asked.method === 'roots/list'
                ? { result: { roots: [{ uri: `file:///${mark}` }] } }
                : { result: { action: 'accept', content: { name: mark } } };
            },
          }),
        );
      }
      const made = calls.map(({ who, rounds }) => {
        const mark = `${who}-${++lastMark}-mark`;
        const asks = rounds.map((kinds) => Object.fromEntries(kinds.map((kind, i) => [`q${i}`, question(mark, kind)])));
        const done = clients.get(who)!.request('tools/call', {
          name: 'a__ask',
          arguments: { tag: mark, rounds: asks, progress: 1 },
          _meta: { progressToken: mark },
        });
        return { mark, done, count: rounds.flat().length };
      });
      const all = Promise.all(made.map(({ done }) => done));
      await scheduler.waitFor(all);
      for (const { mark, done, count } of made) {
        const text = JSON.stringify((await done).result);
        const marks = text.match(/(?:ada|bob)-\d+-mark/g) ?? [];
        expect(new Set(marks)).toEqual(new Set([mark]));
        // Its own tag, and one answer to each of its questions.
        expect(marks).toHaveLength(count + 1);
      }
      for (const [who, client] of clients) {
        for (const raw of client.raw) expect(raw).not.toContain(who === 'ada' ? 'bob-' : 'ada-');
        const tokens = client.heard.flatMap(({ method, params }) =>
          method === 'notifications/progress' ? [String(params!['progressToken'])] : [],
        );
        for (const token of tokens) expect(token.startsWith(who)).toBe(true);
        await client.end();
      }
    }),
    { numRuns: 25 },
  );
}, 60_000);
