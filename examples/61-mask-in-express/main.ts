/**
 * An Express application that refuses bodies with secrets in them and masks what it answers, by the path it stands under.
 */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { allRules, createMasker } from '@sekisho/pii';

const masker = createMasker({
  rules: allRules,
  policy: {
    rules: [
      { labels: ['SECRET', 'URL_CREDENTIALS'], direction: 'to-tool', action: 'block' },
      { direction: 'to-tool', action: 'allow' },
      { path: '$.contact', action: 'allow' },
      { labels: ['CREDIT_CARD', 'PHONE'], action: 'partial' },
    ],
  },
});

const app = express();
app.post('/notes', express.text({ type: '*/*' }), (request, response) => {
  const { blocked, findings } = masker.maskJson(request.body as string, { direction: 'to-tool' });
  // The answer names what and where, never the value.
  if (blocked) response.status(422).json({ refused: findings.map(({ label, path }) => ({ label, path })) });
  else response.status(204).end();
});
app.get('/customer', (_request, response) => {
  const customer = { contact: 'help@acme.com', email: 'jane@acme.com', card: '4111 1111 1111 1111', visits: 12 };
  response.type('json').send(masker.maskJson(JSON.stringify(customer)).text);
});

const server = app.listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const { port } = server.address() as AddressInfo;
try {
  const post = (body: unknown): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/notes`, { method: 'POST', body: JSON.stringify(body) });
  assert.equal((await post({ text: 'call jane@acme.com' })).status, 204);
  const refused = await post({ text: 'the key is ghp_016C7e42F292c69C2E7C10c838347Ae178B4' });
  assert.equal(refused.status, 422);
  assert.deepEqual(await refused.json(), { refused: [{ label: 'SECRET', path: '$.text' }] });

  const customer = await (await fetch(`http://127.0.0.1:${port}/customer`)).json();
  assert.deepEqual(customer, { contact: 'help@acme.com', email: '[EMAIL]', card: '4111 11** **** 1111', visits: 12 });
  console.log('masked', customer);
} finally {
  server.close();
}
