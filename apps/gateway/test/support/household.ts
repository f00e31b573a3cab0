import {
  listResult,
  result,
  startRawHttp,
  textResult,
  type RawCall,
  type RawHttp,
  type RawServer,
} from './raw-server.ts';

/** Whose a thing is stands in its name and its content, so that a test can see when it reaches somebody else. */
export const markOf = (who: string): string => `mark-of-${who}`;

const letters = ['a', 'b'] as const;

export type Household = {
  readonly url: string;
  /** Adds a tool of `who` and says that the list has changed. */
  readonly change: (who: string) => void;
  /** Says that the resource of `who` has changed. */
  readonly touch: (who: string) => void;
  readonly http: RawHttp;
};

/** A server where everything there is exists once for each of the letters it is made with. */
export async function startHousehold(
  name: string,
  owners: readonly string[] = letters,
  eras: readonly ('modern' | 'legacy')[] = ['modern', 'legacy'],
): Promise<Household> {
  const added = new Map<string, number>();
  const ownerOf = (text: unknown): string => owners.find((who) => String(text).includes(`${who}_`)) ?? owners[0]!;
  const both = <T>(make: (who: string) => readonly T[]): T[] => owners.flatMap((who) => [...make(who)]);
  const tool = (who: string, own: string): object => ({
    name: `${who}_${own}`,
    description: markOf(who),
    inputSchema: { type: 'object', properties: { region: { type: 'string' } } },
  });
  const tools = (): object[] =>
    both((who) => [
      tool(who, 'note'),
      tool(who, 'ask'),
      {
        name: `${who}_headed`,
        description: markOf(who),
        inputSchema: { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } },
      },
      ...Array.from({ length: added.get(who) ?? 0 }, (_, i) => tool(who, `new${i}`)),
    ]);
  const call = ({ era, params, meta, notify }: RawCall): string => {
    const who = ownerOf(params['name']);
    const { progressToken } = meta;
    if (progressToken !== undefined)
      notify('notifications/progress', { progressToken, progress: 1, message: markOf(who) });
    notify('notifications/message', { level: 'error', data: markOf(who) });
    if (String(params['name']).endsWith('_ask') && era === 'modern' && params['inputResponses'] === undefined)
      return JSON.stringify({
        resultType: 'input_required',
        inputRequests: {
          q: {
            method: 'elicitation/create',
            params: { message: markOf(who), requestedSchema: { type: 'object', properties: {} } },
          },
        },
        requestState: `state-${markOf(who)}`,
      });
    return textResult(era, markOf(who));
  };
  const description: RawServer = {
    name,
    instructions: `instructions of ${name}`,
    capabilities: {
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { listChanged: true, subscribe: true },
      completions: {},
      logging: {},
    },
    methods: {
      'tools/list': ({ era }) => listResult(era, 'tools', tools()),
      'tools/call': call,
      'prompts/list': ({ era }) =>
        listResult(
          era,
          'prompts',
          both((who) => [{ name: `${who}_prompt`, description: markOf(who) }]),
        ),
      'prompts/get': ({ era, params }) =>
        result(era, { messages: [{ role: 'user', content: { type: 'text', text: markOf(ownerOf(params['name'])) } }] }),
      'resources/list': ({ era }) =>
        listResult(
          era,
          'resources',
          both((who) => [{ uri: `note://${who}_home/1`, name: markOf(who) }]),
        ),
      'resources/templates/list': ({ era }) =>
        listResult(
          era,
          'resourceTemplates',
          both((who) => [{ uriTemplate: `note://${who}_home/{id}`, name: markOf(who) }]),
        ),
      'resources/read': ({ era, params }) =>
        listResult(era, 'contents', [{ uri: String(params['uri']), text: markOf(ownerOf(params['uri'])) }]),
      'resources/subscribe': ({ era }) => result(era, {}),
      'resources/unsubscribe': ({ era }) => result(era, {}),
      'completion/complete': ({ era, params }) =>
        result(era, { completion: { values: [markOf(ownerOf(JSON.stringify(params['ref'])))] } }),
    },
  };
  const http = await startRawHttp(description, { eras });
  return {
    url: http.url,
    http,
    change: (who) => {
      added.set(who, (added.get(who) ?? 0) + 1);
      http.push('notifications/tools/list_changed');
    },
    touch: (who) => http.push('notifications/resources/updated', { uri: `note://${who}_home/1` }),
  };
}
