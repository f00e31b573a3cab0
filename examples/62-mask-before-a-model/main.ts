/**
 * A model sees tokens in the place of addresses and numbers and calls tools with them. The mail tool gets the values; a
 * tool that has no business with them gets the tokens, and that is reported.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { allRules, createMasker, memoryTokenStore } from '@sekisho/pii';

const masker = createMasker({
  rules: allRules,
  tokens: {
    keys: [{ id: 1, secret: randomBytes(32) }],
    style: 'look-alike',
    store: memoryTokenStore(),
    ttlSeconds: 3600,
  },
  policy: {
    rules: [{ labels: ['EMAIL', 'PHONE'], direction: 'to-model', action: 'tokenize' }],
    restore: [{ labels: ['EMAIL'], server: 'mail', tool: 'send' }],
  },
});
const whose = { tenant: 'acme', principal: 'ann' };

const result = JSON.stringify({
  customers: [
    { name: 'A', email: 'jane@acme.com' },
    { name: 'B', email: 'bob@acme.com' },
    { name: 'A again', email: 'jane@acme.com' },
  ],
});
const seen = masker.maskJson(result, { direction: 'to-model', server: 'crm', ...whose });
assert.ok(!seen.text.includes('@acme.com'));

/** Stands for the model: it joins the rows by address and writes to the customer that occurs twice. */
function model(input: string): string {
  const { customers } = JSON.parse(input) as { customers: readonly { readonly email: string }[] };
  const twice = customers.find((one, index) => customers.findIndex((other) => other.email === one.email) < index);
  assert.ok(twice !== undefined && /^[a-z2-7]+@[a-z2-7.]+\.masked\.invalid$/.test(twice.email));
  return JSON.stringify({ to: twice.email, text: `Dear ${twice.email}, thank you.` });
}

const call = model(seen.text);
const sent = masker.restoreJson(call, { direction: 'to-tool', server: 'mail', tool: 'send', ...whose });
assert.deepEqual(JSON.parse(sent.text), { to: 'jane@acme.com', text: 'Dear jane@acme.com, thank you.' });

const elsewhere = masker.restoreJson(call, { direction: 'to-tool', server: 'weather', tool: 'forecast', ...whose });
assert.equal(elsewhere.text, call);
assert.ok(elsewhere.events.every((event) => event.outcome === 'refused'));

const stranger = masker.restoreJson(call, {
  direction: 'to-tool',
  server: 'mail',
  tool: 'send',
  tenant: 'acme',
  principal: 'eve',
});
assert.equal(stranger.text, call);
console.log('the mail tool got', sent.text);
console.log('the weather tool got', elsewhere.events);
