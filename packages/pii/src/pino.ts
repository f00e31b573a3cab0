import type { Masker } from './masker.ts';
import type { Where } from './mask/policy.ts';

const intoLog: Where = { direction: 'log' };
/** Written in the place of a line that could not be masked: a log with a gap is better than a log with a key in it. */
const lost = '{"level":50,"msg":"[a log line could not be masked]"}\n';

/** The part of pino's options that this fills. */
export interface MaskingHooks {
  readonly hooks: { readonly streamWrite: (line: string) => string };
}

/**
 * Options for pino that mask every finished line, whatever it was made of: messages, bindings, errors, nested objects.
 * Tokens are never restored into a log, and a policy with `tokenize` for logs would put them there, so give logs a rule of
 * their own. Never throws.
 */
export function maskingHooks(masker: Masker, where: Where = intoLog): MaskingHooks {
  return { hooks: { streamWrite: (line) => maskLine(masker, line, where) } };
}

/** A destination for pino, or anything with `write`, that masks lines on their way to another one. */
export function maskingDestination(
  masker: Masker,
  destination: { write(line: string): unknown },
  where: Where = intoLog,
): { write(line: string): void } {
  return {
    write(line) {
      destination.write(maskLine(masker, line, where));
    },
  };
}

function maskLine(masker: Masker, line: string, where: Where): string {
  try {
    return masker.maskJson(line, where).text;
  } catch {
    // A logger must not fail its caller; the line itself may hold what the error is about, so none of it is kept.
    return lost;
  }
}
