import type { Family } from '../rule.ts';
import { assignment } from './assignment.ts';
import { secretField } from './field.ts';
import { formatRule } from './format-rule.ts';
import { authScheme, commandLine, cookies, curl } from './headers.ts';
import { hostFormats } from './providers.ts';
import { serviceFormats } from './providers-services.ts';
import { connectionString, digitSecrets, jwt, passwordHash, pem } from './structured.ts';

export type { KeyFormat } from './providers.ts';
export { formatRule } from './format-rule.ts';
export { knownSecrets } from './known.ts';
export { hostFormats, serviceFormats };

/** Keys, tokens, passwords and private keys, by the formats of their providers and by the names they stand under. */
export const secrets: Family = [
  ...[...hostFormats, ...serviceFormats].map(formatRule),
  jwt,
  pem,
  connectionString,
  passwordHash,
  digitSecrets,
  authScheme,
  cookies,
  curl,
  commandLine,
  assignment,
  secretField,
];
