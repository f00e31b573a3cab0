import { setTimeout as sleep } from 'node:timers/promises';

export interface Answered {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export interface ModernClientOptions {
  readonly capabilities?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a listen brings. */
export interface Stream {
  readonly id: string;
  /** The honoured subset of what was asked for. */
  readonly acknowledged: unknown;
  readonly heard: readonly Answered[];
  readonly raw: readonly string[];
  /** The server has ended it. */
  readonly ended: boolean;
  until(fits: (message: Answered) => boolean, timeoutMs?: number): Promise<Answered>;
  close(): void;
}

const NAMES: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};
const REVISION = '2026-07-28';

/** A modern client of a few lines, over HTTP. */
export class ModernClient {
  readonly #url: string;
  readonly #options: ModernClientOptions;
  #lastId = 0;

  constructor(url: string, options: ModernClientOptions = {}) {
    this.#url = url;
    this.#options = options;
  }

  /** Sends a request and resolves with its answer; `heard` is told what comes before. */
  async request(method: string, params: object = {}, heard?: (message: Answered) => void): Promise<Answered> {
    const response = await this.#post(`r${++this.#lastId}`, method, params);
    if (!response.headers.get('content-type')?.startsWith('text/event-stream'))
      return (await response.json()) as Answered;
    for await (const message of events(response)) {
      const parsed = JSON.parse(message) as Answered;
      if (parsed.method === undefined) return parsed;
      heard?.(parsed);
    }
    throw new Error('the stream ended before the answer');
  }

  /** Opens a subscription and resolves when it is acknowledged. */
  async listen(notifications: object): Promise<Stream> {
    const id = `l${++this.#lastId}`;
    const controller = new AbortController();
    const response = await this.#post(id, 'subscriptions/listen', { notifications }, controller.signal);
    const heard: Answered[] = [];
    const raw: string[] = [];
    const state = { ended: false };
    const read = async (): Promise<void> => {
      for await (const message of events(response)) {
        raw.push(message);
        heard.push(JSON.parse(message) as Answered);
      }
      state.ended = true;
    };
    read().catch(() => undefined);
    const until = async (fits: (message: Answered) => boolean, timeoutMs = 10_000): Promise<Answered> => {
      for (let waited = 0; waited < timeoutMs; waited += 5) {
        const found = heard.find(fits);
        if (found) return found;
        await sleep(5);
      }
      throw new Error(`nothing of the kind was heard; heard ${raw.join('\n')}`);
    };
    const first = await until(() => true);
    if (first.method !== 'notifications/subscriptions/acknowledged') throw new Error(raw[0]);
    return {
      id,
      acknowledged: first.params?.['notifications'],
      heard,
      raw,
      get ended() {
        return state.ended;
      },
      until,
      close: () => controller.abort(),
    };
  }

  #post(id: string, method: string, params: object, signal?: AbortSignal): Promise<Response> {
    const name = NAMES[method] === undefined ? undefined : (params as Record<string, unknown>)[NAMES[method]];
    const { capabilities = {}, headers } = this.#options;
    const given = (params as { _meta?: object })._meta;
    const meta = {
      'io.modelcontextprotocol/protocolVersion': REVISION,
      'io.modelcontextprotocol/clientCapabilities': capabilities,
      ...given,
    };
    return fetch(this.#url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': REVISION,
        'mcp-method': method,
        ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta: meta } }),
      ...(signal ? { signal } : {}),
    });
  }
}

async function* events(response: Response): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop()!;
    for (const block of blocks) {
      const data = block
        .split('\n')
        .find((line) => line.startsWith('data: '))
        ?.slice(6);
      if (data !== undefined && data !== '') yield data;
    }
  }
}
