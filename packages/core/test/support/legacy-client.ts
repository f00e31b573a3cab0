import { setTimeout as sleep } from 'node:timers/promises';

export interface Heard {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** What is sent back to a question: members of the response; undefined for silence. */
export type Answering = (question: Heard) => object | undefined | Promise<object | undefined>;

export interface LegacyClientOptions {
  readonly revision?: string;
  readonly capabilities?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly answer?: Answering;
}

/** A legacy client of a few lines: what it sends and hears is all there to be looked at. */
export class LegacyClient {
  /** Everything that came, on every stream, oldest first. */
  readonly heard: Heard[] = [];
  /** Raw texts of the same. */
  readonly raw: string[] = [];
  answer: Answering;
  readonly #url: string;
  readonly #headers: Record<string, string>;
  #lastId = 0;

  private constructor(url: string, options: LegacyClientOptions) {
    this.#url = url;
    this.answer = options.answer ?? (() => undefined);
    this.#headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...options.headers,
    };
  }

  static async open(url: string, options: LegacyClientOptions = {}): Promise<LegacyClient> {
    const client = new LegacyClient(url, options);
    const { revision = '2025-11-25', capabilities = {} } = options;
    const response = await client.#post({
      jsonrpc: '2.0',
      id: 0,
      method: 'initialize',
      params: { protocolVersion: revision, capabilities, clientInfo: { name: 'raw', version: '1' } },
    });
    const id = response.headers.get('mcp-session-id');
    if (id === null) throw new Error(await response.text());
    client.#headers['mcp-session-id'] = id;
    client.#headers['mcp-protocol-version'] = revision;
    await response.text();
    await client.notify('notifications/initialized');
    return client;
  }

  /** Sends a request and resolves with its answer; questions that come before are answered on the way. */
  async request(method: string, params: object = {}, signal?: AbortSignal): Promise<Heard> {
    const id = ++this.#lastId;
    const response = await this.#post({ jsonrpc: '2.0', id, method, params }, signal);
    if (!response.headers.get('content-type')?.startsWith('text/event-stream'))
      return this.#hear(await response.text());
    let rest = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const events = (rest + chunk).split('\n\n');
      rest = events.pop()!;
      for (const event of events) {
        const data = event
          .split('\n')
          .find((line) => line.startsWith('data: '))
          ?.slice(6);
        if (data === undefined || data === '') continue;
        const message = this.#hear(data);
        if (message.id === id && message.method === undefined) return message;
        if (message.id !== undefined && message.method !== undefined) void this.#reply(message);
      }
    }
    throw new Error('the stream ended before the answer');
  }

  get lastId(): number {
    return this.#lastId;
  }

  async notify(method: string, params: object = {}): Promise<void> {
    await (await this.#post({ jsonrpc: '2.0', method, params })).text();
  }

  async end(): Promise<void> {
    await fetch(this.#url, { method: 'DELETE', headers: this.#headers });
  }

  /** Resolves when something that fits has been heard. */
  async until(fits: (message: Heard) => boolean, timeoutMs = 5_000): Promise<Heard> {
    for (let waited = 0; waited < timeoutMs; waited += 5) {
      const found = this.heard.find(fits);
      if (found) return found;
      await sleep(5);
    }
    throw new Error(`nothing of the kind was heard; heard ${this.raw.join('\n')}`);
  }

  async #reply(question: Heard): Promise<void> {
    const members = await this.answer(question);
    if (members) await (await this.#post({ jsonrpc: '2.0', id: question.id, ...members })).text();
  }

  #hear(text: string): Heard {
    this.raw.push(text);
    const message = JSON.parse(text) as Heard;
    this.heard.push(message);
    return message;
  }

  #post(message: object, signal?: AbortSignal): Promise<Response> {
    return fetch(this.#url, {
      method: 'POST',
      headers: this.#headers,
      body: JSON.stringify(message),
      ...(signal ? { signal } : {}),
    });
  }
}
