import { request } from 'node:http';
import type { allowLoopbackHttp, AuthEvent } from '@sekisho/auth';
import type { KeyAdministration } from '@sekisho/auth/keys';

// The catalogue of the package, attacked here through the mounted server. It is loaded at run time: tests of one package are
// no part of another.

export type Attack = {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
};
export type Stage = {
  readonly issuer: { readonly issuer: string; readonly keys: unknown[]; readonly requests: string[] };
  readonly clock: { ms: number };
  readonly keys: KeyAdministration;
  token(changes?: Record<string, unknown>, header?: Record<string, unknown>, key?: unknown): string;
  close(): Promise<void>;
};
type Rows = {
  readonly rows: readonly {
    readonly id: string;
    readonly what: string;
    readonly attack: (stage: Stage) => Attack | Promise<Attack>;
    readonly expect: string;
    readonly event: AuthEvent['type'];
  }[];
  readonly classes: Readonly<Record<string, readonly [status: number, challenge: string | RegExp | null]>>;
  readonly weak: unknown;
  readonly ps: unknown;
};

const support = new URL('../../../../packages/auth/test/support/', import.meta.url);
export const { rows, classes, weak, ps } = (await import(new URL('attack-rows.ts', support).href)) as Rows;
export const { createStage } = (await import(new URL('stage.ts', support).href)) as {
  createStage: () => Promise<Stage>;
};
/** The symbol itself, which no configuration can name. */
export const { allowLoopbackHttp: onLoopback } = (await import('@sekisho/auth')) as {
  readonly allowLoopbackHttp: typeof allowLoopbackHttp;
};

export type Outcome = {
  readonly status: number;
  readonly challenge: string | null;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
};

/** One request as an attacker composes it: names may repeat. */
export function strike(port: number, { method = 'POST', path = '/mcp', headers = [], body }: Attack): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers: headers.flat(), agent: false }, (got) => {
      let text = '';
      got.setEncoding('utf8');
      got.on('data', (chunk: string) => (text += chunk));
      got.on('end', () => {
        const challenge = got.headersDistinct['www-authenticate']?.join(', ') ?? null;
        resolve({ status: got.statusCode ?? 0, challenge, headers: got.headers, body: text });
      });
      got.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
