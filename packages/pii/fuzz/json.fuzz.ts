import { allRules, createMasker } from '@sekisho/pii';

const masker = createMasker({ rules: allRules, policy: { rules: [], otherwise: 'redact' } });
const where = { direction: 'to-model' } as const;

/** Masked JSON is JSON of the same shape; what is no JSON is masked as text; nothing throws and nothing takes long. */
export const target = {
  name: 'mask',
  mostMs: 2_000,
  dictionary: [
    'jane@acme.com',
    '4111 1111 1111 1111',
    'password=',
    'ghp_',
    '"ssn":',
    '\u200b',
    '\\u0040',
    '+1 (415) 555-2671',
    'DE89',
    'eyJ',
    '-----BEGIN ',
  ],
  seeds: [
    '{"to":"jane@acme.com","card":"4111 1111 1111 1111","n":4111111111111111}',
    '["tel +1 (415) 555-2671",{"iban":"DE89370400440532013000"}]',
    '{"password":"hunter2hunter2","url":"postgres://u:p4ssw0rd@h/db"}',
    'plain text with 536-90-4399 in it',
  ],
  run(bytes: Buffer): void {
    const text = bytes.toString('utf8');
    masker.mask(text, where);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return;
    }
    const masked = masker.maskJson(text, where);
    const after: unknown = JSON.parse(masked.text);
    if (shapeOf(after) !== shapeOf(value)) throw new Error('the shape of the JSON changed');
  },
};

/** Containers and their sizes: what stands in them may be masked, names too. */
function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shapeOf).join(',')}]`;
  if (typeof value === 'object' && value !== null) return `{${Object.values(value).map(shapeOf).join(',')}}`;
  return typeof value === 'string' ? 's' : 'v';
}
