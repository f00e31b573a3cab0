import type { Client } from '@modelcontextprotocol/client';
import type { Invocation } from './arguments.ts';
import { exitCodes } from './commands-table.ts';
import { print, type Io } from './io.ts';
import { findOwnKey, keyHeader } from './own-key.ts';
import { oneLine } from './terminal.ts';

const timeoutMs = 10_000;

/** Where the gateway's endpoint is, by `--url`, `--port` or the default; undefined where what was given is no address. */
export function endpointAddress(flags: Invocation['flags']): URL | undefined {
  const given =
    flags.url === undefined
      ? `http://127.0.0.1:${flags.port === undefined ? '7300' : String(flags.port)}`
      : String(flags.url);
  const url = URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  if (url.pathname === '/') url.pathname = '/mcp';
  return url;
}

/**
 * Connects to a running gateway as any client does, with the official SDK, so that what is seen is what clients see. What
 * goes wrong is printed.
 *
 * @returns the client, or the exit code to end with
 */
export async function connectToGateway({ flags }: Invocation, io: Io): Promise<Client | number> {
  const url = endpointAddress(flags);
  if (url === undefined) {
    print(io.stderr, `"${String(flags.url)}" is not an address. It looks like http://127.0.0.1:7300`);
    return exitCodes.usage;
  }
  // Loaded here: no other command should wait for it.
  const sdk = await import('@modelcontextprotocol/client');
  const key = await findOwnKey(url, io);
  const client = new sdk.Client({ name: 'sekisho-cli', version: io.version }, { versionNegotiation: { mode: 'auto' } });
  const transport = new sdk.StreamableHTTPClientTransport(
    url,
    key === undefined ? {} : { requestInit: { headers: keyHeader(key) } },
  );
  try {
    await client.connect(transport, { timeout: timeoutMs });
    return client;
  } catch (thrown) {
    await client.close().catch(() => undefined);
    print(io.stderr, describeFailure(thrown, url, io));
    return exitCodes.unreachable;
  }
}

function describeFailure(thrown: unknown, url: URL, io: Io): string {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const code = systemCode(error);
  if (code === 'ECONNREFUSED') return `No Sekisho answers at ${url.origin}. Start one with: ${io.program}`;
  if (error.name === 'UnauthorizedError' || /\b401\b/.test(error.message))
    return io.env['SEKISHO_KEY'] === undefined
      ? `The gateway at ${url.origin} asks who is calling. Put a key into SEKISHO_KEY; "${io.program} keys create" makes one.`
      : `The gateway at ${url.origin} does not accept the key in SEKISHO_KEY. "${io.program} keys list" shows which are in force.`;
  return `The gateway at ${url.origin} cannot be used: ${oneLine(code ?? error.message, 300)}`;
}

/** The system's own code, however many errors were put around it. */
function systemCode(error: unknown): string | undefined {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 8; inner = inner.cause, depth++) {
    const { code } = inner as { code?: unknown };
    if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return code;
  }
  return undefined;
}
