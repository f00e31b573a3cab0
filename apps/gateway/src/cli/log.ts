import { pino } from 'pino';
import type { Writable } from 'node:stream';
import { maskingDestination } from '@sekisho/pii/pino';
import type { SecretSet } from '../config/secret-set.ts';
import { writingMasker } from '../mount/pii-maskers.ts';
import type { PiiSection } from '../mount/pii-section.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export type Log = Readonly<Record<LogLevel, (fields: object, message: string) => void>>;

/**
 * Lines of JSON on standard error. Fields are ids and counts; what slips through all the same is masked: the secrets of the
 * configuration, and whatever looks like personal data or a key. Making ready to look for it waits for the first line.
 */
export function createLog(stream: Writable, level: LogLevel, secrets: SecretSet, section?: PiiSection): Log {
  let destination: ReturnType<typeof maskingDestination> | undefined;
  const write = (line: string): void => {
    destination ??= maskingDestination(writingMasker(section, []), { write: (masked) => stream.write(masked) });
    destination.write(secrets.mask(line));
  };
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  );
}

export function isLogLevel(text: string): text is LogLevel {
  return (logLevels as readonly string[]).includes(text);
}
