import type { AskingEra } from '../fixtures/servers/asking/serve.ts';

/** One way from a client to a server: a column of the matrix. */
export interface Column {
  readonly client: AskingEra;
  readonly upstream: AskingEra;
  readonly transport: 'stdio' | 'http' | 'sse';
}

/** The deprecated HTTP+SSE transport is of the legacy eras alone. */
export const COLUMNS: readonly Column[] = (['modern', 'legacy'] as const).flatMap((client) => [
  { client, upstream: 'modern' as const, transport: 'http' as const },
  { client, upstream: 'modern' as const, transport: 'stdio' as const },
  { client, upstream: 'legacy' as const, transport: 'http' as const },
  { client, upstream: 'legacy' as const, transport: 'stdio' as const },
  { client, upstream: 'legacy' as const, transport: 'sse' as const },
]);

export const titleOf = ({ client, upstream, transport }: Column): string =>
  `${client} client, ${upstream} server over ${transport}`;

export const SITUATIONS = [
  'plain',
  'one question',
  'three questions in two rounds',
  'cancelled',
  'expired',
  'server crashed',
  'gateway reloaded',
] as const;
export type Situation = (typeof SITUATIONS)[number];

/** Methods in whose middle a server may ask a client of either era. */
export const INTERACTIVE = ['tools/call', 'prompts/get', 'resources/read'] as const;
/** Those that the gateway or the server simply answers. */
export const OTHERS = [
  // First, because after a crash it must be asked before a process is back.
  'completion/complete',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'logging',
  'subscriptions',
  'discovery',
] as const;
export type Method = (typeof INTERACTIVE)[number] | (typeof OTHERS)[number];
export const METHODS: readonly Method[] = [...INTERACTIVE, ...OTHERS];

export const isInteractive = (method: Method): method is (typeof INTERACTIVE)[number] =>
  (INTERACTIVE as readonly string[]).includes(method);

/** Which situations a method has; the others cannot occur in it. */
export const situationsOf = (method: Method): readonly Situation[] =>
  isInteractive(method) ? SITUATIONS : ['plain', 'server crashed', 'gateway reloaded'];

/** What came of one play, in the words of the table. */
export type Outcome = string;

/**
 * What is right. An error is right where nothing else can be: a server that is gone has no result, and an answer that comes
 * too late finds no call.
 */
export function rightOutcome({ client, upstream, transport }: Column, method: Method, situation: Situation): Outcome {
  switch (situation) {
    case 'cancelled':
      return 'cancelled at the server';
    case 'expired':
      // A modern client comes back too late; a legacy one is asked no longer, and the call fails as its method does.
      if (client === 'modern') return 'error -32602';
      return method === 'tools/call' ? 'a result that says it failed' : 'error -32603';
    case 'server crashed':
      if (method === 'subscriptions') return subscribedAfterCrash({ client, upstream, transport });
      // What the gateway answers from what it knows needs no server.
      return isInteractive(method) || method === 'completion/complete' ? 'error -31503' : 'result';
    default:
      return 'result';
  }
}

/** A process is started again for it; another server's session is not there to be asked. */
function subscribedAfterCrash({ client, upstream, transport }: Column): Outcome {
  return client === 'legacy' && upstream === 'legacy' && transport !== 'stdio' ? 'error -32602' : 'result';
}
