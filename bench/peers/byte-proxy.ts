// The floor: bytes in with node:http, bytes out with undici's dispatcher, nothing looked at.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool } from 'undici';
import { givenUpstreams, serveMeasured } from './control.ts';

const [upstream] = givenUpstreams();
if (upstream?.kind !== 'http') throw new TypeError('The byte proxy needs one HTTP upstream');
const { origin, pathname } = new URL(upstream.url);
const pool = new Pool(origin, { connections: 128, pipelining: 1 });

const HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host', 'content-length']);

function pickHeaders(headers: IncomingMessage['headers']): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string' && !HOP.has(name)) picked[name] = value;
  }
  return picked;
}

function forward(req: IncomingMessage, res: ServerResponse, body: Buffer | null): void {
  pool.dispatch(
    { path: pathname, method: req.method as 'POST', headers: pickHeaders(req.headers), body },
    {
      onRequestStart() {},
      onResponseStart(_controller, status, headers) {
        res.writeHead(status, pickHeaders(headers));
      },
      onResponseData(_controller, chunk) {
        res.write(chunk);
      },
      onResponseEnd() {
        res.end();
      },
      onResponseError(_controller, error) {
        res.destroy(error);
      },
    },
  );
}

serveMeasured(
  createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => forward(req, res, chunks.length === 0 ? null : Buffer.concat(chunks)));
  }),
);
