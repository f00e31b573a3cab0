import type { z } from 'zod';
import type { Dialect } from './dialect.ts';
import { isRecord, type ConfigDocument } from './document.ts';
import { configError, configWarning, type ConfigProblem, type Place } from '../problem.ts';
import type { EntryContext, EntryLaunch } from './entry-context.ts';
import { entrySchema } from './entry-schema.ts';
import { readLaunch } from './launch.ts';
import { findIgnoredKeys } from './ignored-keys.ts';
import { readTimeouts, type EntryTimeouts } from './timeouts.ts';
import { readToolFilter, type ToolFilter } from './tool-filter.ts';

export type ServerEntry = {
  readonly name: string;
  readonly document: ConfigDocument;
  readonly path: readonly string[];
  readonly enabled: boolean;
  readonly launch: EntryLaunch;
  readonly tools?: ToolFilter;
  readonly timeouts?: EntryTimeouts;
  /** `x-sekisho` of the server as written. */
  readonly settings: unknown;
  /** The entry as it was written, unknown keys included. */
  readonly raw: Readonly<Record<string, unknown>>;
};

/** One entry of one client's file in our words, or what is wrong with it. */
export function readServerEntry(
  name: string,
  value: unknown,
  source: { document: ConfigDocument; path: readonly string[]; dialect: Dialect },
): { entry: ServerEntry | undefined; problems: ConfigProblem[] } {
  const { document, path, dialect } = source;
  const problems: ConfigProblem[] = [];
  const place = (...keys: string[]): Place => document.place([...path, ...keys]);
  const fail: EntryContext['fail'] = (code, at, message, remedy) => {
    problems.push({ ...configError(code, at, message, remedy), server: name });
  };
  if (name.trim() === '') fail('ERR_CONFIG_SERVER', place(), 'A server needs a name.');
  if (!isRecord(value)) {
    fail('ERR_CONFIG_SERVER', place(), 'Its entry must be an object with "command" or "url" in it.');
    return { entry: undefined, problems };
  }
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) {
    for (const issue of parsed.error.issues)
      fail('ERR_CONFIG_SERVER', place(...issue.path.map(String)), describeIssue(issue));
    return { entry: undefined, problems };
  }
  const context: EntryContext = {
    raw: parsed.data,
    dialect,
    place,
    fail,
    warn: (at, message, remedy) =>
      problems.push({ ...configWarning('WARN_CONFIG_NOT_APPLIED', at, message, remedy), server: name }),
  };
  const launch = readLaunch(context);
  const tools = readToolFilter(context);
  const timeouts = readTimeouts(context);
  findIgnoredKeys(context);
  if (launch === undefined || problems.some(({ severity }) => severity === 'error'))
    return { entry: undefined, problems };
  const entry: ServerEntry = {
    name,
    document,
    path,
    enabled: parsed.data.disabled !== true && parsed.data.enabled !== false,
    launch,
    ...(tools === undefined ? {} : { tools }),
    ...(timeouts === undefined ? {} : { timeouts }),
    settings: value['x-sekisho'],
    raw: value,
  };
  return { entry, problems };
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const message = issue.message.replace(/^Invalid input: expected/, 'must be');
  return `"${issue.path.map(String).join('.')}" ${message}.`;
}
