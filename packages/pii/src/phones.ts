import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { CountryCode } from 'libphonenumber-js/max';
import { gluedRight, isDigitCode, lengthsOf, separatorOf } from './engine/number-run.ts';
import type { RunRule } from './rule.ts';

const fewest = 7;
const most = 15;

/**
 * Finds numbers that are written as in the countries given, by the plans of libphonenumber: a valid national number in
 * two groups or more needs no word around it. Use it beside `contact`, for the countries one's users live in: the more
 * countries, the more other numbers look valid.
 *
 * @throws TypeError when no country is given.
 */
export function nationalPhones(countries: readonly CountryCode[]): RunRule {
  if (countries.length === 0) throw new TypeError('nationalPhones needs at least one country');
  return {
    kind: 'run',
    id: 'contact/phone-national',
    label: 'PHONE',
    match(scan, run) {
      if (run.gluedLeft || !isDigitCode(scan.text.charCodeAt(run.starts[0]!))) return 0;
      for (let last = Math.min(run.count, 6) - 1; last >= 1; last -= 1) {
        const start = run.starts[0]!;
        const end = run.ends[last]!;
        const separator = separatorOf(run, 0, last);
        if (separator !== 32 && separator !== 45 && separator !== 46 && separator !== 1) continue;
        const digits = lengthsOf(run, 0, last)
          .split('-')
          .reduce((sum, size) => sum + Number(size), 0);
        const text = scan.text.slice(start, end);
        if (digits < fewest || digits > most || /[^\d .()-]/u.test(text) || gluedRight(scan, end)) continue;
        if (!countries.some((country) => parsePhoneNumberFromString(text, country)?.isValid() === true)) continue;
        scan.add(start, end, 'PHONE', 'contact/phone-national', 0.6);
        return end;
      }
      return 0;
    },
  };
}
