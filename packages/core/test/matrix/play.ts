import { vi } from 'vitest';
import type { Column, Method, Outcome, Situation } from './cells.ts';
import { isInteractive } from './cells.ts';
import type { Kind } from '../fixtures/servers/asking/server.ts';
import { openStage, type Stage } from './stage.ts';

const PATIENCE = { timeout: 15_000, interval: 10 };
/** Longer than any call waits for its client. */
const LONG_MS = 601_000;

const SAID: Record<Kind, string> = {
  plain: 'plain',
  one: 'one: accept Ada',
  three: 'three: accept Ada, {"type":"text","text":"word"}, file:///home',
  wait: '',
};

const KIND_OF: Record<Situation, Kind> = {
  plain: 'plain',
  'one question': 'one',
  'three questions in two rounds': 'three',
  cancelled: 'wait',
  expired: 'one',
  'server crashed': 'one',
  'gateway reloaded': 'one',
};

/** The stages of one column: what disturbs nothing shares one. */
export function createTheatre(column: Column) {
  const shared = new Map<string, Promise<Stage>>();
  const open = (situation: Situation): Promise<Stage> =>
    openStage(column, {
      // The longest wait before a server that crashed is started again.
      random: () => 1,
      ...(situation === 'expired' && column.client === 'legacy' ? { parked: { ttlMs: 300 } } : {}),
    });
  const once = async (key: string, make: () => Promise<Stage>): Promise<Stage> => {
    const known = shared.get(key) ?? make();
    shared.set(key, known);
    return known;
  };
  return {
    /** Plays one situation of one method, and says in the table's words what came of it. */
    async play(method: Method, situation: Situation): Promise<{ outcome: Outcome; leaks: string[] }> {
      if (!isInteractive(method)) {
        const stage = await once(situation, () => disturbed(open(situation), situation));
        return { outcome: await playOther(stage, column, method), leaks: leaksOf(stage, column) };
      }
      const calm = ['plain', 'one question', 'three questions in two rounds'].includes(situation);
      const stage = await (calm ? once('plain', () => open(situation)) : open(situation));
      try {
        const outcome = await playInteractive(stage, column, method, situation);
        return { outcome, leaks: leaksOf(stage, column) };
      } finally {
        if (!calm) await stage.close();
      }
    },
    async close(): Promise<void> {
      await Promise.all([...shared.values()].map(async (stage) => (await stage).close()));
    },
  };
}

async function disturbed(opening: Promise<Stage>, situation: Situation): Promise<Stage> {
  const stage = await opening;
  if (situation === 'server crashed') await stage.crash();
  if (situation === 'gateway reloaded') await stage.gateway.reload([...stage.specs, OTHER]);
  return stage;
}

/** A server that is added by a reload, and does not even start. */
const OTHER = { name: 'other', kind: 'stdio', command: 'none-such', args: [], env: {} } as const;

async function playInteractive(
  stage: Stage,
  column: Column,
  method: 'tools/call' | 'prompts/get' | 'resources/read',
  situation: Situation,
): Promise<Outcome> {
  const kind = KIND_OF[situation];
  const controller = new AbortController();
  let over = (): void => undefined;
  const ended = new Promise<void>((resolve) => (over = resolve));
  stage.behaviour.beforeAnswer = {
    plain: undefined,
    'one question': undefined,
    'three questions in two rounds': undefined,
    cancelled: undefined,
    'server crashed': () => stage.crash(),
    'gateway reloaded': async () => {
      await stage.gateway.reload([...stage.specs, OTHER]);
    },
    expired: async () => {
      // A legacy client that does not answer: the call ends without it.
      if (column.client === 'legacy') return ended;
      stage.pass(LONG_MS);
      await vi.waitFor(() => {
        if (stage.gateway.status().parkedCalls > 0) throw new Error('still parked');
      }, PATIENCE);
    },
  }[situation];
  const call = ask(stage, method, kind, controller.signal).then((said) => {
    if (said.failed) return 'a result that says it failed';
    return said.text === SAID[kind] ? 'result' : `wrong result: ${said.text}`;
  }, outcomeOfError);
  if (situation === 'cancelled') {
    const reached = () => (column.transport === 'stdio' ? isWorking(stage, column) : undefined);
    await vi.waitFor(() => reached(), PATIENCE);
    return await cancelled(stage, controller, call);
  }
  const outcome = await call;
  over();
  return outcome;
}

/** A process cannot be looked into: it works on the call once it has been given the answer to its question. */
function isWorking({ toServer }: Stage, { upstream }: Column): void {
  const said = upstream === 'legacy' ? '"action":"accept"' : '"inputResponses"';
  if (!toServer.some((line) => line.includes(said))) throw new Error('not yet');
}

async function cancelled(stage: Stage, controller: AbortController, call: Promise<Outcome>): Promise<Outcome> {
  await vi.waitFor(() => {
    if (!stage.toServer.some((line) => line.includes('"action":"accept"'))) throw new Error('not yet');
  }, PATIENCE);
  controller.abort('enough');
  const outcome = await call;
  if (!outcome.startsWith('error')) return outcome;
  try {
    await vi.waitFor(() => {
      if (stage.cancelledAtServer() === 0) throw new Error('not yet');
    }, PATIENCE);
  } catch {
    return 'given up by the client alone';
  }
  return 'cancelled at the server';
}

async function ask(
  { client }: Stage,
  method: 'tools/call' | 'prompts/get' | 'resources/read',
  kind: Kind,
  signal: AbortSignal,
): Promise<{ text: string; failed: boolean }> {
  if (method === 'tools/call') {
    const result = await client.callTool({ name: `asking__${kind}`, arguments: {} }, { signal });
    const [block] = result.content as { text?: string }[];
    return { text: block?.text ?? '', failed: result.isError === true };
  }
  if (method === 'prompts/get') {
    const { messages } = await client.getPrompt({ name: `asking__${kind}` }, { signal });
    return { text: (messages[0]?.content as { text?: string } | undefined)?.text ?? '', failed: false };
  }
  const { resources } = await client.listResources();
  const uri = resources.find(({ name }) => name === `asking__${kind}` || name === kind)?.uri ?? '';
  const { contents } = await client.readResource({ uri }, { signal });
  return { text: (contents[0] as { text?: string }).text ?? '', failed: false };
}

async function playOther(stage: Stage, column: Column, method: Method): Promise<Outcome> {
  const { client } = stage;
  const found = (ok: boolean): Outcome => (ok ? 'result' : 'wrong result');
  const asked: Record<Exclude<Method, 'tools/call' | 'prompts/get' | 'resources/read'>, () => Promise<Outcome>> = {
    'tools/list': async () => found((await client.listTools()).tools.length === 4),
    'prompts/list': async () => found((await client.listPrompts()).prompts.length === 5),
    'resources/list': async () => found((await client.listResources()).resources.length === 4),
    'resources/templates/list': async () =>
      found((await client.listResourceTemplates()).resourceTemplates.length === 0),
    'completion/complete': async () => {
      const ref = { type: 'ref/prompt', name: 'asking__completed' } as const;
      const { completion } = await client.complete({ ref, argument: { name: 'word', value: 'a' } });
      return found(completion.values[0] === 'a-completed');
    },
    logging: async () => {
      if (column.client === 'legacy') await client.setLoggingLevel('info');
      else await client.listTools({ _meta: { 'io.modelcontextprotocol/logLevel': 'info' } });
      return 'result';
    },
    subscriptions: async () => {
      // A legacy server is asked at once, and a process is started for it.
      stage.recover();
      const { resources } = await client.listResources();
      const { uri = '' } = resources[0] ?? {};
      if (column.client === 'legacy') await client.subscribeResource({ uri });
      else await (await client.listen({ resourceSubscriptions: [uri] })).close();
      return 'result';
    },
    discovery: async () => {
      await (column.client === 'legacy' ? client.ping() : client.discover());
      return 'result';
    },
  };
  return asked[method as keyof typeof asked]().catch(outcomeOfError);
}

function outcomeOfError(error: unknown): Outcome {
  const code = (error as { code?: unknown }).code;
  if (code === -31503 || code === -32602) return `error ${code}`;
  // What the server said of itself comes with its own code; what the gateway says begins outside of the reserved range.
  return typeof code === 'number' && code === -32603 ? `error ${code}` : `error: ${String(error).slice(0, 120)}`;
}

/** Words of one era on a wire of the other. */
function leaksOf({ toClient, toServer }: Stage, column: Column): string[] {
  const leaks: string[] = [];
  if (column.client === 'legacy')
    leaks.push(...toClient.filter((text) => /"input_required"|"requestState"|"resultType"/.test(text)));
  if (column.upstream === 'legacy')
    leaks.push(
      // The probe of the era itself is of the modern era, and comes before anything else.
      ...toServer.filter(
        (text) =>
          !text.includes('"server/discover"') &&
          /io\.modelcontextprotocol\/|"inputResponses"|"requestState"/.test(text),
      ),
    );
  return leaks;
}
