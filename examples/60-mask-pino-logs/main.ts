/**
 * A pino logger that may be given anything. Every finished line is masked, so it does not matter where the value stood.
 */
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { allRules, createMasker } from '@sekisho/pii';
import { maskingHooks } from '@sekisho/pii/pino';
import { knownSecrets } from '@sekisho/pii/secrets';
import { pino } from 'pino';

// A key of our own has no telling form; it is found because the masker was told of it.
const ownKey = 'our-own-plain-looking-key';
const masker = createMasker({ rules: [...allRules, knownSecrets([ownKey])] });

let written = '';
const sink = new Writable({
  write(chunk: Buffer, _encoding, done) {
    written += chunk.toString();
    done();
  },
});
const log = pino(maskingHooks(masker), sink);

log.info({ user: { email: 'jane@acme.com', password: 'correct horse battery' } }, 'signed in');
log.child({ authorization: 'Bearer q9EIc7ib4oOWJmdsYUL0oTltSIK3ZmOD419nDH9H' }).warn('slow');
log.error(new Error(`upstream refused ${Buffer.from(ownKey).toString('base64')}`));
log.info('order 7444516568147757 shipped');

for (const secret of ['jane@acme.com', 'correct horse', 'q9EIc7ib4o', ownKey, Buffer.from(ownKey).toString('base64')]) {
  assert.ok(!written.includes(secret), secret);
}
const lines = written
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { msg: string });
assert.equal(lines.length, 4);
assert.equal(lines[3]?.msg, 'order 7444516568147757 shipped');
console.log(written);
console.log('nothing leaked');
