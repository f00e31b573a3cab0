import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { RequestOptions } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  LoggingMessageNotificationSchema,
  PromptListChangedNotificationSchema,
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { CallOptions, Peer, Target, ToolResult } from './peer.ts';

/** The official SDK v1 as a peer; it knows the legacy era only. */
export async function connectV1(target: Target): Promise<Peer> {
  const client = new Client(
    { name: 'sdk-v1', version: '1.0.0' },
    { capabilities: { sampling: {}, elicitation: {}, roots: {} } },
  );
  const notifications: { method: string; params: Record<string, unknown> }[] = [];
  const hear = ({ method, params }: { method: string; params?: object | undefined }): void => {
    notifications.push({ method, params: { ...params } });
  };
  client.setNotificationHandler(LoggingMessageNotificationSchema, hear);
  client.setNotificationHandler(ToolListChangedNotificationSchema, hear);
  client.setNotificationHandler(PromptListChangedNotificationSchema, hear);
  client.setNotificationHandler(ResourceListChangedNotificationSchema, hear);
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, hear);
  const transport =
    target.kind === 'http'
      ? new StreamableHTTPClientTransport(new URL(target.url))
      : new StdioClientTransport({ command: target.command, args: [...target.args], stderr: 'ignore' });
  await client.connect(transport);

  return {
    era: 'legacy',
    notifications,
    listTools: async () => (await client.listTools()).tools,
    async toolPages() {
      const pages: string[][] = [];
      let cursor: string | undefined;
      do {
        const page = await client.listTools(cursor === undefined ? {} : { cursor });
        pages.push(page.tools.map(({ name }) => name));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      return pages;
    },
    async callTool(name, args = {}, options = {}) {
      const request = requestOptions(options);
      return (await client.callTool({ name, arguments: args }, undefined, request)) as ToolResult;
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
      await client.setLoggingLevel(level);
    },
    async listen({ resourceSubscriptions = [] }) {
      for (const uri of resourceSubscriptions) await client.subscribeResource({ uri });
      return async () => {
        for (const uri of resourceSubscriptions) await client.unsubscribeResource({ uri });
      };
    },
    async probe() {
      await client.ping();
    },
    async close() {
      if (transport instanceof StreamableHTTPClientTransport) await transport.terminateSession();
      await client.close();
    },
  };
}

function requestOptions({ signal, onProgress }: CallOptions): RequestOptions {
  return {
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onprogress: ({ progress }) => onProgress(progress) }),
  };
}
