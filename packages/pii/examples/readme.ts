import { allRules, createMasker } from '@sekisho/pii';

const masker = createMasker({
  rules: allRules,
  tokens: { keys: [{ id: 1, secret: crypto.getRandomValues(new Uint8Array(32)) }] },
  policy: {
    rules: [{ labels: ['EMAIL'], direction: 'to-model', action: 'tokenize' }],
    restore: [{ labels: ['EMAIL'], server: 'mail' }],
  },
});
const whose = { tenant: 'acme', principal: 'ann' };
const masked = masker.maskJson('{"to":"jane@acme.com","card":"4111 1111 1111 1111"}', {
  direction: 'to-model',
  ...whose,
});
console.log(masked.text); // {"to":"[[EMAIL:AWkf…]]","card":"[CREDIT_CARD]"}
const restored = masker.restoreJson(masked.text, { direction: 'to-tool', server: 'mail', ...whose });
console.log(restored.text); // {"to":"jane@acme.com","card":"[CREDIT_CARD]"}
