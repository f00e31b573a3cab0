import type { AnchorRule } from '../rule.ts';
import { ibanLengths } from './iban.ts';

const written = /["'\s:=]{1,8}(?:code|is|number)?["'\s:=]{0,8}([A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)(?![A-Za-z0-9])/y;
const others = new Set([
  'US',
  'JP',
  'CN',
  'IN',
  'AU',
  'CA',
  'KR',
  'SG',
  'HK',
  'NZ',
  'ZA',
  'MX',
  'TH',
  'MY',
  'ID',
  'PH',
  'TW',
  'AR',
  'CL',
]);

/** A bank's BIC (ISO 9362) behind the words BIC or SWIFT: by itself it looks like any upper-case word. */
export const bic: AnchorRule = {
  kind: 'anchor',
  id: 'payment/bic',
  label: 'BIC',
  anchors: ['bic', 'swift'],
  match(scan, _start, end) {
    written.lastIndex = end;
    const found = written.exec(scan.text);
    if (found === null || written.lastIndex > scan.hi) return 0;
    const code = found[1]!;
    const country = code.slice(4, 6);
    if (ibanLengths[country] !== undefined || others.has(country))
      scan.add(written.lastIndex - code.length, written.lastIndex, 'BIC', 'payment/bic', 0.8);
    return 0;
  },
};
