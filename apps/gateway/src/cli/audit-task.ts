import type { AuditKeyMaterial } from '../audit/keys.ts';
import type { Invocation } from './arguments.ts';
import type { LocalLog, LocalLogs } from './audit-logs.ts';
import { exitCodes } from './commands-table.ts';
import { print, type Io } from './io.ts';

/** What an action works with. */
export type AuditTask = {
  readonly words: readonly string[];
  readonly flags: Invocation['flags'];
  readonly io: Io;
  readonly all: LocalLogs;
  /** The one log that is meant; undefined where several are there and none is named. */
  readonly one: LocalLog | undefined;
  readonly keys: AuditKeyMaterial;
  /** Verifier keys of a log: those that were named, else that of this computer's own key. */
  readonly keysOf: (log: LocalLog) => string[];
};

/**
 * Who is meant: a name that this gateway's keys are made for, `<issuer> <subject>` of an identity provider written as
 * `<issuer>#<subject>`, or `ip#<address>`.
 */
export function readSubject(text: string): { issuer: string; subject: string } {
  const at = text.lastIndexOf('#');
  return at < 0 ? { issuer: 'sekisho', subject: text } : { issuer: text.slice(0, at), subject: text.slice(at + 1) };
}

/** Says that one log must be named, where there are several. */
export function needsOne({ all, io }: AuditTask): number {
  const names = all.logs.map(({ replica }) => replica).join(', ');
  print(io.stderr, `There are several logs: ${names}. Name one with --replica.`);
  return exitCodes.usage;
}
