import { listResult, result, startRawHttp, type RawCall, type RawHttp, type RawServer } from './raw-server.ts';

/** Values of a person and a key that nothing may let through, as rules of different families find them. */
export const planted = {
  email: 'jane.doe@acme-corp.com',
  card: '4111 1111 1111 1111',
  phone: '+49 30 901820 55',
  ssn: '536-90-4399',
  iban: 'DE89 3704 0044 0532 0130 00',
  token: 'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
} as const;

export const sentence = `Jane: ${planted.email}, ${planted.phone}, SSN ${planted.ssn}, card ${planted.card}, ${planted.iban}, ${planted.token}.`;

/** What of the planted values stands in a text, also escaped or encoded. */
export function leaksIn(text: string): string[] {
  for (const [word] of text.matchAll(/[A-Za-z0-9+/]{40,}/g)) {
    const inside = Object.values(planted).find((value) =>
      Buffer.from(word, 'base64').toString('latin1').includes(value),
    );
    if (inside !== undefined) return [`${inside} in base64`];
  }
  return Object.entries(planted).flatMap(([name, value]) => {
    const forms = [value, encodeURIComponent(value), Buffer.from(value).toString('base64').replace(/=+$/, '')];
    const bare = value.replaceAll(/[ +-]/g, '');
    return [...forms, bare].some((form) => text.includes(form)) ? [name] : [];
  });
}

/** An error of the raw servers, thrown by what has no access to their class. */
function failWith(say: string): never {
  throw new Error(say);
}

/** A server that says `say` wherever a server can say something. */
export async function startLeakyServer(say: string, eras?: readonly ('modern' | 'legacy')[]): Promise<RawHttp> {
  const call = ({ era, params, meta, notify }: RawCall): string => {
    const { progressToken } = meta;
    if (progressToken !== undefined) notify('notifications/progress', { progressToken, progress: 1, message: say });
    notify('notifications/message', { level: 'error', logger: 'leaky', data: { deep: [say], text: say } });
    if (params['name'] === 'fail') failWith(say);
    if (params['name'] === 'ask' && era === 'modern' && params['inputResponses'] === undefined)
      return JSON.stringify({
        resultType: 'input_required',
        note: say,
        inputRequests: {
          form: {
            method: 'elicitation/create',
            params: {
              message: say,
              requestedSchema: { type: 'object', properties: { who: { type: 'string', description: say } } },
            },
          },
          model: {
            method: 'sampling/createMessage',
            params: { messages: [{ role: 'user', content: { type: 'text', text: say } }], maxTokens: 10 },
          },
        },
        requestState: 'a state',
      });
    return result(era, {
      content: [
        { type: 'text', text: say },
        { type: 'text', text: JSON.stringify({ inner: say }) },
        { type: 'resource', resource: { uri: 'note://1', text: say } },
        { type: 'resource_link', uri: 'note://1', name: 'link', description: say },
      ],
      structuredContent: { said: say, list: [{ said: say }] },
      unknownMember: say,
      _meta: { 'com.example/note': say },
    });
  };
  const server: RawServer = {
    name: 'leaky',
    instructions: `Instructions. ${say}`,
    capabilities: { tools: {}, prompts: {}, resources: { subscribe: true }, completions: {}, logging: {} },
    methods: {
      'tools/list': ({ era }) =>
        listResult(
          era,
          'tools',
          ['say', 'fail', 'ask'].map((name) => ({
            name,
            description: say,
            inputSchema: { type: 'object', properties: { q: { type: 'string', description: say } } },
          })),
        ),
      'tools/call': call,
      'prompts/list': ({ era }) => listResult(era, 'prompts', [{ name: 'say', description: say }]),
      'prompts/get': ({ era }) =>
        result(era, { description: say, messages: [{ role: 'user', content: { type: 'text', text: say } }] }),
      'resources/list': ({ era }) =>
        listResult(era, 'resources', [{ uri: 'note://1', name: 'note', description: say }]),
      'resources/templates/list': ({ era }) =>
        listResult(era, 'resourceTemplates', [{ uriTemplate: 'note://{id}', name: 'notes', description: say }]),
      'resources/read': ({ era }) =>
        listResult(era, 'contents', [
          { uri: 'note://1', text: say },
          { uri: 'note://1', mimeType: 'text/plain', blob: Buffer.from(say).toString('base64') },
          {
            uri: 'note://1',
            blob: Buffer.from(`${'a line of a text without anything. '.repeat(400)}${say}`).toString('base64'),
          },
        ]),
      'completion/complete': ({ era }) => result(era, { completion: { values: [say, `second ${say}`] } }),
    },
  };
  return await startRawHttp(server, eras === undefined ? {} : { eras });
}
