import type { Outcome } from '@sekisho/core';

/** Results up to here are hashed; of larger ones the size is on record. */
const MAX_HASHED_BYTES = 1_048_576;

/** The bytes of the result alone, so that the same result has the same hash whatever the request was called. */
export function resultOf(
  answer: string,
  idText: string | undefined,
  { answerTail }: Pick<Outcome, 'answerTail'>,
): Buffer | undefined {
  let size = answer.length;
  if (answerTail) for (const part of answerTail) size += part.length;
  if (size > MAX_HASHED_BYTES) return undefined;
  const prefix = `{"jsonrpc":"2.0","id":${idText ?? 'null'},"result":`;
  const start = answer.startsWith(prefix) ? prefix.length : 0;
  if (!answerTail) return Buffer.from(answer.slice(start, start > 0 ? -1 : undefined), 'latin1');
  const all = Buffer.concat([Buffer.from(answer.slice(start), 'latin1'), ...answerTail]);
  return start > 0 ? all.subarray(0, -1) : all;
}
