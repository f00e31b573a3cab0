/** The raw servers of core's tests, which answer byte by byte as a test says. Loaded by address: they are no part of any package. */
export type RawCall = {
  readonly era: 'modern' | 'legacy';
  readonly params: Readonly<Record<string, unknown>>;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly notify: (method: string, params: object) => void;
};

export type RawServer = {
  readonly name: string;
  readonly capabilities: Readonly<Record<string, object>>;
  readonly methods: Readonly<Record<string, (call: RawCall) => string | Promise<string>>>;
  readonly instructions?: string;
};

export type RawHttp = {
  readonly url: string;
  readonly push: (method: string, params?: object) => void;
  readonly requests: readonly { readonly body: string }[];
  close(): Promise<void>;
};

type RawHttpModule = {
  readonly startRawHttp: (
    server: RawServer,
    options?: { eras?: readonly ('modern' | 'legacy')[]; port?: number },
  ) => Promise<RawHttp>;
};

const fixtures = new URL('../../../../packages/core/test/fixtures/servers/raw/', import.meta.url);
export const { startRawHttp } = (await import(new URL('http.ts', fixtures).href)) as RawHttpModule;

const modernOnly = (era: RawCall['era'], members: string): string => (era === 'modern' ? members : '');

/** JSON of a list result in either era. */
export const listResult = (era: RawCall['era'], member: string, items: readonly object[]): string =>
  `{${modernOnly(era, '"resultType":"complete","ttlMs":0,"cacheScope":"private",')}"${member}":${JSON.stringify(items)}}`;

/** JSON of any other result in either era. */
export const result = (era: RawCall['era'], members: object): string =>
  JSON.stringify(era === 'modern' ? { resultType: 'complete', ...members } : members);

/** JSON of a tool's result with one text in it. */
export const textResult = (era: RawCall['era'], text: string): string =>
  result(era, { content: [{ type: 'text', text }] });
