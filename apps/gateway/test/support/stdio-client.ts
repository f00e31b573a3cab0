import { PassThrough } from 'node:stream';
import type { Composition } from '../../src/compose.ts';

const MODERN = '2026-07-28';
const META = 'io.modelcontextprotocol/';

type Line = {
  readonly id?: number | string;
  readonly method?: string;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number };
};

/** What came for one request: its answer, and every line since it was sent, the answer last. */
type Heard = { readonly message: Line; readonly text: string };

export type StdioClient = {
  ask(method: string, params?: Readonly<Record<string, unknown>>): Promise<Heard>;
  /** Everything that was written to the client. */
  text(): string;
};

/**
 * A client at the other end of `sekisho stdio`, of either era.
 *
 * @param answer what it says to whatever it is asked, beside `jsonrpc` and `id`
 */
export async function openStdio(
  { gateway }: Composition,
  era: 'modern' | 'legacy',
  { capabilities = {}, answer = () => ({}) }: { capabilities?: object; answer?: (method: string) => object } = {},
): Promise<StdioClient> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const lines: string[] = [];
  const waiting = new Map<number, (message: Line) => void>();
  const write = (message: object): boolean => input.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  let rest = '';
  output.setEncoding('utf8');
  output.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop()!;
    for (const line of parts) {
      lines.push(line);
      const message = JSON.parse(line) as Line;
      if (message.method === undefined) waiting.get(message.id as number)?.(message);
      else if (message.id !== undefined) write({ id: message.id, ...answer(message.method) });
    }
  });
  void gateway.serveStdio(input, output);
  let ids = 0;
  const ask: StdioClient['ask'] = async (method, params = {}) => {
    const id = (ids += 1);
    const from = lines.length;
    const { _meta, ...others } = params;
    const meta = { [`${META}protocolVersion`]: MODERN, [`${META}clientCapabilities`]: capabilities };
    const sent = era === 'legacy' ? params : { ...others, _meta: { ...(_meta as object), ...meta } };
    const answered = new Promise<Line>((resolve) => waiting.set(id, resolve));
    write({ id, method, params: sent });
    return { message: await answered, text: lines.slice(from).join('\n') };
  };
  if (era === 'legacy') {
    await ask('initialize', {
      protocolVersion: '2025-11-25',
      capabilities,
      clientInfo: { name: 't', version: '1' },
    });
    write({ method: 'notifications/initialized' });
  }
  return { ask, text: () => lines.join('\n') };
}
