import type { Label } from '../label.ts';
import { redacted } from './replace.ts';

const fixed: Partial<Readonly<Record<Label, string>>> = {
  EMAIL: 'masked@masked.invalid',
  PHONE: '+10000000000',
  IP: '0.0.0.0',
  MAC: '00:00:00:00:00:00',
  URL_CREDENTIALS: 'https://masked.invalid/',
  DATE_OF_BIRTH: '1900-01-01',
};

/** A value that nobody has but that a schema with a format or a pattern of digits still accepts. */
export function stand(label: Label, value: string): string {
  if (label === 'IP' && value.includes(':')) return '::';
  const known = fixed[label];
  if (known !== undefined) return known;
  return /^[\d -]{6,40}$/u.test(value) ? value.replaceAll(/\d/gu, '0') : redacted(label);
}
