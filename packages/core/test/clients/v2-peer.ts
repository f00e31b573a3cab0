import {
  Client,
  StreamableHTTPClientTransport,
  type ClientOptions,
  type RequestOptions,
} from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { HEARD, type CallOptions, type Peer, type Target, type ToolResult } from './peer.ts';

const LOG_LEVEL = 'io.modelcontextprotocol/logLevel';

/** How the client of SDK v2 settles the era. */
export type V2Mode = 'legacy' | 'auto' | 'pinned';

const NEGOTIATION: Record<V2Mode, Pick<ClientOptions, 'versionNegotiation'>> = {
  legacy: {},
  auto: { versionNegotiation: { mode: 'auto' } },
  pinned: { versionNegotiation: { mode: { pin: '2026-07-28' } } },
};

/** The official SDK v2 as a peer. */
export async function connectV2(target: Target, mode: V2Mode): Promise<Peer> {
  const client = new Client(
    { name: `sdk-v2-${mode}`, version: '1.0.0' },
    { ...NEGOTIATION[mode], capabilities: { sampling: {}, elicitation: {}, roots: {} } },
  );
  const notifications: { method: string; params: Record<string, unknown> }[] = [];
  for (const method of HEARD) {
    client.setNotificationHandler(method, (message) => {
      notifications.push({ method, params: { ...message.params } });
    });
  }
  await client.connect(
    target.kind === 'http'
      ? new StreamableHTTPClientTransport(new URL(target.url))
      : new StdioClientTransport({ command: target.command, args: [...target.args], stderr: 'ignore' }),
  );
  const era = client.getProtocolEra() ?? 'legacy';
  let logLevel: string | undefined;
  const meta = () => (logLevel === undefined || era === 'legacy' ? {} : { _meta: { [LOG_LEVEL]: logLevel } });

  return {
    era,
    notifications,
    listTools: async () => (await client.listTools()).tools,
    async toolPages() {
      const pages: string[][] = [];
      let cursor: string | undefined;
      do {
        const page = await client.listTools(cursor === undefined ? { cursor: '' } : { cursor });
        pages.push(page.tools.map(({ name }) => name));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      return pages;
    },
    async callTool(name, args = {}, options = {}) {
      const request = requestOptions(options);
      return (await client.callTool({ name, arguments: args, ...meta() }, request)) as ToolResult;
    },
    listPrompts: async () => (await client.listPrompts()).prompts,
    getPrompt: async (name, args = {}) => client.getPrompt({ name, arguments: args }) as ReturnType<Peer['getPrompt']>,
    listResources: async () => (await client.listResources()).resources,
    listTemplates: async () => (await client.listResourceTemplates()).resourceTemplates,
    readResource: async (uri) => client.readResource({ uri }),
    async complete(ref, argument, context) {
      const params = context === undefined ? { ref, argument } : { ref, argument, context: { arguments: context } };
      return (await client.complete(params)).completion.values;
    },
    async setLogLevel(level) {
      logLevel = level;
      if (era === 'legacy') await client.setLoggingLevel(level);
    },
    async listen(filter) {
      if (era === 'modern') {
        const subscription = await client.listen(filter);
        return () => subscription.close();
      }
      const uris = filter.resourceSubscriptions ?? [];
      for (const uri of uris) await client.subscribeResource({ uri });
      return async () => {
        for (const uri of uris) await client.unsubscribeResource({ uri });
      };
    },
    async probe() {
      await (era === 'modern' ? client.discover() : client.ping());
    },
    close: () => client.close(),
  };
}

function requestOptions({ signal, onProgress }: CallOptions): RequestOptions {
  return {
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onprogress: ({ progress }) => onProgress(progress) }),
  };
}
