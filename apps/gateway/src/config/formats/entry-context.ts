import type { ConfigProblemCode, Place } from '../problem.ts';
import type { Dialect } from './dialect.ts';
import type { RawEntry } from './entry-schema.ts';

/** How a server is reached, with every `${...}` still as written. All clients' spellings end in this one form. */
export type EntryLaunch =
  | {
      readonly kind: 'stdio';
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      /** Names handed on from our own environment where they are set. */
      readonly envNames: readonly string[];
      readonly envFile?: string;
      readonly cwd?: string;
    }
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly transport: 'auto' | 'streamable-http' | 'sse';
      readonly headers: Readonly<Record<string, string>>;
    };

/** What a reader of one part of an entry needs. */
export type EntryContext = {
  readonly raw: RawEntry;
  readonly dialect: Dialect;
  readonly place: (...keys: string[]) => Place;
  readonly fail: (code: ConfigProblemCode, place: Place, message: string, remedy?: string) => void;
  readonly warn: (place: Place, message: string, remedy?: string) => void;
};
