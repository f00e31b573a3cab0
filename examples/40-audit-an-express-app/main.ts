import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuditLog, ed25519Signer, eraseSubject, localAuditKeys, readRecords, verifyLog } from '@sekisho/audit';
import { createShop } from './app.ts';

const root = await mkdtemp(join(tmpdir(), 'shop-'));
const directory = join(root, 'audit');
const log = await createAuditLog({
  directory,
  signer: ed25519Signer({ name: 'shop.example/audit/a', ...generateKeyPairSync('ed25519') }),
  keys: localAuditKeys({ id: '2026-11', secret: randomBytes(32) }),
  types: ['orders.placed', 'orders.request'],
});
const server = createShop(log).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`;
const order = (user: string | undefined, body: unknown): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(user ? { 'x-user': user } : {}) },
    body: JSON.stringify(body),
  });

assert.equal((await order('alice', { items: [1, 2] })).status, 201);
assert.equal((await order('bob', { items: [3] })).status, 201);
assert.equal((await order(undefined, { items: [] })).status, 401);
assert.equal((await order('bob', {})).status, 500);
const garbage = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' });
assert.equal(garbage.status, 500);

// Every request has exactly one terminal record, refusals and failures included.
const outcomes: (string | undefined)[] = [];
for await (const record of readRecords(log)) if (record.ex?.phase === 'terminal') outcomes.push(record.outcome);
assert.deepEqual(outcomes, ['ok', 'ok', 'denied', 'error', 'error']);

// Alice asks to be forgotten; the record of everything else stays provable.
assert.equal((await eraseSubject(log, { subject: { issuer: 'shop', subject: 'alice' } })).status, 'erased');
server.close();
await log.close();
assert.equal((await verifyLog({ directory, keys: [log.verifierKey] })).status, 'intact');

// Somebody tidies up the record afterwards.
const [segment] = await readdir(join(directory, 'segments'));
const path = join(directory, 'segments', segment!);
await writeFile(path, (await readFile(path, 'utf8')).replace('"outcome":"denied"', '"outcome":"ok"'));
const { status, findings } = await verifyLog({ directory, keys: [log.verifierKey] });
assert.equal(status, 'broken');
console.log(`5 requests on record, one person forgotten, and the change was found: ${findings[0]!.message}`);
await rm(root, { recursive: true });
