/**
 * An Express route limited by address: ten requests a minute, three at once. Everybody else is served meanwhile.
 */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import express, { type Request } from 'express';
import { createRateLimiter, memoryStore } from '@sekisho/rate-limit';
import { expressRateLimit } from '@sekisho/rate-limit/express';

const limiter = createRateLimiter({
  rules: [
    {
      name: 'search-per-address',
      by: ['address'],
      allow: { kind: 'rate', amount: 10, periodMs: 60_000, burst: 3 },
      whenStoreFails: 'local',
    },
  ],
  store: memoryStore(),
});

const app = express();
// Express believes X-Forwarded-For from this proxy alone; without it every client could choose its own address.
app.set('trust proxy', 'loopback');
app.get(
  '/search',
  expressRateLimit({ limiter, subject: (request: Request) => ({ address: request.ip }) }),
  (_request, response) => void response.send('found'),
);

const server = app.listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const { port } = server.address() as AddressInfo;
const search = (address: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}/search`, { headers: { 'x-forwarded-for': address } });

try {
  for (let left = 2; left >= 0; left--) {
    const response = await search('192.0.2.1');
    assert.equal(response.status, 200);
    assert.match(response.headers.get('ratelimit') ?? '', new RegExp(`^"search-per-address";r=${left};t=\\d+$`));
  }
  const denied = await search('192.0.2.1');
  assert.equal(denied.status, 429);
  assert.equal(denied.headers.get('retry-after'), '6');
  console.log(denied.status, await denied.json());

  // Two addresses of one IPv6 network are one caller; another network is another.
  for (let i = 0; i < 3; i++) assert.equal((await search(`2001:db8:0:1::${i}`)).status, 200);
  assert.equal((await search('2001:db8:0:1:ffff::')).status, 429);
  assert.equal((await search('2001:db8:0:2::1')).status, 200);
  console.log('others are served');
} finally {
  server.close();
}
