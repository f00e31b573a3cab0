import { createInterface } from 'node:readline';
import { learn, type SandboxedChild } from '@sekisho/sandbox';
import { proposalText } from '../../mount/box-advice.ts';
import { exitCodes } from '../commands-table.ts';
import { print } from '../io.ts';
import { plainText } from '../terminal.ts';
import type { ServerTask } from './sandbox.ts';

type Call = { name: string; arguments?: object };

const answerMs = 20_000;

/** `sekisho sandbox learn`: runs the server with what it may do, sees what it lacks, and proposes the smallest box. */
export async function learnBox({ invocation, io, server, config, mount }: ServerTask): Promise<number> {
  const { flags } = invocation;
  const seconds = flags.seconds === undefined ? 3 : Number(flags.seconds);
  const calls = readCalls(flags.call);
  if (!(seconds >= 0 && seconds <= 3600) || calls === undefined) {
    print(
      io.stderr,
      '--seconds is a number from 0 to 3600; --call is {"name": "tool", "arguments": {}}, or a list of them.',
    );
    return exitCodes.usage;
  }
  const { sandbox, spec } = await mount.prepare(server);
  let round = 0;
  const { profile, steps, open, silent, complete } = await learn(sandbox, spec, {
    exercise: async (child) => {
      print(io.stderr, `Round ${++round}: the server runs in its box and is asked for its lists.`);
      await exercise(child, calls, seconds * 1000);
    },
  });
  const mask = (text: string): string => plainText(config.secrets.mask(text));
  const text = proposalText(spec.profile ?? {}, steps);
  if (flags.json === true) {
    const { env: _values, ...shown } = profile;
    print(
      io.stdout,
      JSON.stringify(
        config.secrets.maskDeep({ server: server.name, complete, steps, open, silent, profile: shown }),
        null,
        2,
      ),
    );
    return complete ? exitCodes.ok : exitCodes.failure;
  }
  for (const { cause } of steps) print(io.stdout, mask(`It lacked: ${cause}`));
  for (const { cause, remedy } of open)
    print(io.stdout, mask(`Still open: ${cause}${remedy === undefined ? '' : ` (${remedy})`}`));
  for (const path of silent) print(io.stdout, mask(`It also looked for ${path}, and did without.`));
  print(
    io.stdout,
    text === undefined
      ? `"${server.name}" lacks nothing that was seen in ${round} ${round === 1 ? 'round' : 'rounds'}.`
      : mask(`\nLook through it, and if you agree put into the entry of "${server.name}":\n${text}`),
  );
  print(io.stdout, 'Only what was used was seen: give it the calls that matter with --call.');
  return complete ? exitCodes.ok : exitCodes.failure;
}

function readCalls(text: string | true | undefined): Call[] | undefined {
  if (text === undefined) return [];
  try {
    const value = JSON.parse(String(text)) as unknown;
    const list = Array.isArray(value) ? value : [value];
    return list.every((call): call is Call => typeof (call as Call | null)?.name === 'string') ? list : undefined;
  } catch {
    return undefined; // the caller says what it has to look like
  }
}

/** What a client does first, then the calls, then some time for what a server does by itself. */
async function exercise(child: SandboxedChild, calls: readonly Call[], watchMs: number): Promise<void> {
  const waiting = new Map<number, () => void>();
  const lines = createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('line', (line) => {
    const id = /"id"\s*:\s*(?<id>\d+)/.exec(line)?.groups?.['id'];
    waiting.get(Number(id))?.();
  });
  let next = 0;
  const say = (message: object): void => void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const ask = (method: string, params: object): Promise<void> =>
    within(
      answerMs,
      new Promise((resolve) => {
        const id = ++next;
        waiting.set(id, resolve);
        say({ id, method, params });
      }),
    );
  const clientInfo = { name: 'sekisho', version: '0' };
  await ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
  say({ method: 'notifications/initialized' });
  for (const method of ['tools/list', 'resources/list', 'prompts/list']) await ask(method, {});
  for (const call of calls) await ask('tools/call', { name: call.name, arguments: call.arguments ?? {} });
  await within(watchMs, new Promise(() => undefined));
  lines.close();
}

async function within(ms: number, event: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([event, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}
