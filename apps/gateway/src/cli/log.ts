import { pino } from 'pino';
import type { Writable } from 'node:stream';
import type { SecretSet } from '../config/secret-set.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export type Log = Readonly<Record<LogLevel, (fields: object, message: string) => void>>;

/** Lines of JSON on standard error. Fields are ids and counts; what slips through all the same is masked. */
export function createLog(stream: Writable, level: LogLevel, secrets: SecretSet): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => stream.write(secrets.mask(line)) },
  );
}

export function isLogLevel(text: string): text is LogLevel {
  return (logLevels as readonly string[]).includes(text);
}
