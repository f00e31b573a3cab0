import { text as readText } from 'node:stream/consumers';
import type { Client } from '@modelcontextprotocol/client';
import { findNearest } from '../../config/nearest.ts';
import type { Invocation } from '../arguments.ts';
import { exitCodes } from '../commands-table.ts';
import { connectToGateway } from '../gateway-client.ts';
import { print, type Io } from '../io.ts';
import { createTerminal, oneLine, plainText } from '../terminal.ts';

/** `sekisho call <tool>`: calls one tool as a client with this key would, through every check. */
export async function runCall(invocation: Invocation, io: Io): Promise<number> {
  const [name, ...words] = invocation.positionals;
  if (name === undefined) {
    print(io.stderr, `Which tool? "${io.program} list" shows them. Usage: ${io.program} call <tool> [name=value...]`);
    return exitCodes.usage;
  }
  const args = await readCallArguments(words, io);
  if (typeof args === 'string') {
    print(io.stderr, args);
    return exitCodes.usage;
  }
  const client = await connectToGateway(invocation, io);
  if (typeof client === 'number') return client;
  const { style } = createTerminal(io.stderr, io.env);
  try {
    const result = await client.callTool(
      { name, arguments: args },
      { onprogress: ({ progress, total, message }) => tellProgress(io, progress, total, message) },
    );
    if (invocation.flags.json === true) print(io.stdout, JSON.stringify(result, null, 2));
    else printContent(result, io);
    if (result.isError === true) print(io.stderr, style.red('The tool says that it failed.'));
    return result.isError === true ? exitCodes.failure : exitCodes.ok;
  } catch (thrown) {
    const { message, code } = thrown as Error & { code?: number | string };
    print(io.stderr, `${oneLine(message, 500)}${typeof code === 'number' ? ` (code ${code})` : ''}`);
    const hint = await nearestTool(client, name);
    if (hint !== undefined) print(io.stderr, hint);
    return exitCodes.failure;
  } finally {
    await client.close();
  }
}

/** `name=value` pairs, whose values are JSON where they are well-formed JSON and text where not; one object; or `-` for standard input. */
export async function readCallArguments(
  words: readonly string[],
  io: Pick<Io, 'stdin'>,
): Promise<Record<string, unknown> | string> {
  const [first] = words;
  if (words.length === 1 && (first === '-' || first!.trimStart().startsWith('{'))) {
    const given = first === '-' ? await readText(io.stdin) : first!;
    const value = parseJson(given);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : 'The arguments must be one JSON object, such as {"path": "/tmp"}.';
  }
  const args: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const word of words) {
    const at = word.indexOf('=');
    if (at < 1) return `"${plainText(word)}" is no argument. Write name=value, or one JSON object.`;
    const raw = word.slice(at + 1);
    const value = parseJson(raw);
    args[word.slice(0, at)] = value === undefined ? raw : value;
  }
  return { ...args };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Result = Awaited<ReturnType<Client['callTool']>>;

/** Text as it is; of anything else what it is and how large. A tool must not steer the terminal. */
function printContent({ content, structuredContent }: Result, io: Io): void {
  const blocks = content as readonly { type: string; text?: string; data?: string; mimeType?: string; uri?: string }[];
  const safe = (text: string): string => (io.stdout.isTTY === true ? plainText(text) : text);
  for (const { type, text, data, mimeType, uri } of blocks)
    print(
      io.stdout,
      type === 'text'
        ? safe(text ?? '')
        : `[${[type, mimeType, uri, data === undefined ? undefined : `${Math.floor((data.length * 3) / 4)} bytes`].filter((part) => part !== undefined).join(', ')}]`,
    );
  if (blocks.length === 0 && structuredContent !== undefined)
    print(io.stdout, safe(JSON.stringify(structuredContent, null, 2)));
}

function tellProgress(io: Io, progress: number, total: number | undefined, message: string | undefined): void {
  if (io.stderr.isTTY !== true) return;
  print(
    io.stderr,
    `${progress}${total === undefined ? '' : ` of ${total}`}${message === undefined ? '' : `  ${oneLine(message, 80)}`}`,
  );
}

async function nearestTool(client: Client, name: string): Promise<string | undefined> {
  try {
    const { tools } = await client.listTools();
    if (tools.some((tool) => tool.name === name)) return undefined;
    const nearest = findNearest(
      name,
      tools.map((tool) => tool.name),
    );
    return nearest === undefined ? undefined : `Did you mean "${nearest}"?`;
  } catch {
    // The call's own failure has been told; a hint is a courtesy.
    return undefined;
  }
}
