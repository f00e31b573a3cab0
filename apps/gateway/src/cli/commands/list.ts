import type { Client } from '@modelcontextprotocol/client';
import type { Invocation } from '../arguments.ts';
import { exitCodes } from '../commands-table.ts';
import { connectToGateway } from '../gateway-client.ts';
import { print, type Io } from '../io.ts';
import { createTerminal, oneLine } from '../terminal.ts';

type Entry = { readonly name: string; readonly description?: string | undefined };

/** `sekisho list`: what a client with this key sees of everything behind the gateway. */
export async function runList(invocation: Invocation, io: Io): Promise<number> {
  const client = await connectToGateway(invocation, io);
  if (typeof client === 'number') return client;
  try {
    const found = await readAll(client);
    if (invocation.flags.json === true) {
      print(io.stdout, JSON.stringify(found, null, 2));
      return exitCodes.ok;
    }
    const { style } = createTerminal(io.stdout, io.env);
    const sections: [string, Entry[]][] = [
      ['Tools', found.tools],
      ['Prompts', found.prompts],
      ['Resources', found.resources.map(({ uri, name }) => ({ name: uri, description: name }))],
      ['Templates', found.resourceTemplates.map(({ uriTemplate, name }) => ({ name: uriTemplate, description: name }))],
    ];
    const shown = sections.filter(([, entries]) => entries.length > 0);
    if (shown.length === 0) print(io.stdout, 'Nothing: no server is up, or none may be seen with this key.');
    for (const [title, entries] of shown) {
      print(io.stdout, style.bold(`${title} (${entries.length})`));
      const width = Math.min(48, Math.max(...entries.map(({ name }) => oneLine(name, 200).length)));
      for (const { name, description } of entries)
        print(
          io.stdout,
          `  ${oneLine(name, 200).padEnd(width)}  ${style.dim(oneLine(description ?? '', 80))}`.trimEnd(),
        );
    }
    return exitCodes.ok;
  } catch (thrown) {
    print(io.stderr, `The lists cannot be read: ${oneLine((thrown as Error).message, 300)}`);
    return exitCodes.failure;
  } finally {
    await client.close();
  }
}

/** All pages of all lists that the gateway offers. */
async function readAll(client: Client) {
  const offered = client.getServerCapabilities() ?? {};
  const has = (part: 'tools' | 'prompts' | 'resources'): boolean => offered[part] !== undefined;
  return {
    tools: has('tools') ? (await client.listTools()).tools : [],
    prompts: has('prompts') ? (await client.listPrompts()).prompts : [],
    resources: has('resources') ? (await client.listResources()).resources : [],
    resourceTemplates: has('resources') ? (await client.listResourceTemplates()).resourceTemplates : [],
  };
}
