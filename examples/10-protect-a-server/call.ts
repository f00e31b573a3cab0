import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

/** Calls `whoami` with the official client and gives what the tool said. */
export async function callWhoami(url: string, key: string, send: typeof fetch): Promise<string> {
  const client = new Client({ name: 'example', version: '1.0.0' });
  const requestInit = { headers: { 'X-API-Key': key } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit, fetch: send }));
  try {
    const result = await client.callTool({ name: 'whoami', arguments: {} });
    const [first] = result.content as { text?: string }[];
    return first?.text ?? '';
  } finally {
    await client.close();
  }
}
