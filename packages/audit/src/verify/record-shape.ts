import type { AuditRecord, GapFields, SegmentFields } from '../event.ts';

type Unknown<T> = { [K in keyof T]?: unknown };

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/**
 * What a segment's first record states, or undefined when it does not have that shape. A verifier reads lines that anybody may
 * have changed, so nothing about a parsed line may be taken for granted.
 */
export function segmentOf(record: AuditRecord): SegmentFields | undefined {
  const fields = record.segment as Unknown<SegmentFields> | null | undefined;
  if (typeof fields !== 'object' || fields === null) return undefined;
  const { chain, origin, size, frontier, open, open_cut } = fields;
  const isWhole =
    typeof chain === 'string' && typeof origin === 'string' && isCount(size) && isStrings(frontier) && isStrings(open);
  return isWhole ? { chain, origin, size, frontier, open, open_cut: open_cut === true } : undefined;
}

function isRange(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && isCount(value[0]) && isCount(value[1]) && value[0] <= value[1];
}

function isRanges(value: unknown): value is [number, number][] {
  return Array.isArray(value) && value.every(isRange);
}

/** The counter values a record accounts for, or undefined when it has none or not in that shape. */
export function gapOf(record: AuditRecord): GapFields | undefined {
  const gap = record.gap as Unknown<GapFields> | null | undefined;
  if (typeof gap !== 'object' || gap === null) return undefined;
  const { stream, ranges, count, reason } = gap;
  const isWhole = typeof stream === 'string' && isRanges(ranges) && isCount(count);
  return isWhole ? { stream, ranges, count, reason: String(reason) } : undefined;
}
