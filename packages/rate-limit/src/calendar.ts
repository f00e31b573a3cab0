/**
 * Calendar periods in UTC, by number: days since 1970-01-01, months since 1970-01. UTC because replicas must agree and
 * because a local day can have 23 or 25 hours.
 */
export type CalendarKind = 'day' | 'month';

const DAY_MS = 86_400_000;

export function periodAt(kind: CalendarKind, wallMs: number): number {
  if (kind === 'day') return Math.floor(wallMs / DAY_MS);
  const date = new Date(wallMs);
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
}

/** The first millisecond after the period. */
export function periodEndMs(kind: CalendarKind, period: number): number {
  if (kind === 'day') return (period + 1) * DAY_MS;
  return Date.UTC(1970 + Math.floor((period + 1) / 12), (period + 1) % 12, 1);
}
