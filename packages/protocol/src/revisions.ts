/** The two ways to open a conversation: `initialize` and a session, or metadata on each request. */
export type Era = 'modern' | 'legacy';

/** One dated revision of the protocol, as data: tables instead of control flow, so that the next one is a row. */
export interface Revision {
  readonly id: string;
  readonly era: Era;
  /** JSON-RPC batches (2025-03-26 alone). */
  readonly batches: boolean;
  /** Any JSON value as `structuredContent`, any schema as `outputSchema`. */
  readonly freeStructuredContent: boolean;
  /** A priming event opens an SSE stream so that it can be resumed at once (2025-11-25). */
  readonly primingEvent: boolean;
  /** What a server may ask: forms (2025-06-18), then pages, several choices and titled ones (2025-11-25). */
  readonly elicitation: 'none' | 'plain-forms' | 'forms-and-pages';
  /** Tools, and content of several blocks, in sampling (2025-11-25). */
  readonly richSampling: boolean;
}

const rows: readonly Revision[] = [
  {
    id: '2026-07-28',
    era: 'modern',
    batches: false,
    freeStructuredContent: true,
    primingEvent: false,
    elicitation: 'forms-and-pages',
    richSampling: true,
  },
  {
    id: '2025-11-25',
    era: 'legacy',
    batches: false,
    freeStructuredContent: false,
    primingEvent: true,
    elicitation: 'forms-and-pages',
    richSampling: true,
  },
  {
    id: '2025-06-18',
    era: 'legacy',
    batches: false,
    freeStructuredContent: false,
    primingEvent: false,
    elicitation: 'plain-forms',
    richSampling: false,
  },
  {
    id: '2025-03-26',
    era: 'legacy',
    batches: true,
    freeStructuredContent: false,
    primingEvent: false,
    elicitation: 'none',
    richSampling: false,
  },
  {
    id: '2024-11-05',
    era: 'legacy',
    batches: false,
    freeStructuredContent: false,
    primingEvent: false,
    elicitation: 'none',
    richSampling: false,
  },
];

const byId = new Map(rows.map((row) => [row.id, row]));

/** Every revision this package speaks, newest first. */
export const REVISIONS: readonly Revision[] = rows;
/** Ids of the revisions served statelessly, newest first. */
export const MODERN_REVISIONS: readonly string[] = rows.filter((row) => row.era === 'modern').map((row) => row.id);
/** Ids of the revisions served with a session, newest first. */
export const LEGACY_REVISIONS: readonly string[] = rows.filter((row) => row.era === 'legacy').map((row) => row.id);

/** The revision called `id`, or undefined. */
export function findRevision(id: string): Revision | undefined {
  return byId.get(id);
}

/** True for a date that names the stateless era, known to us or not: 2026-07-28 and later. */
export function isModernDate(id: string): boolean {
  const known = byId.get(id);
  if (known) return known.era === 'modern';
  return /^\d{4}-\d{2}-\d{2}$/.test(id) && id >= '2026-07-28';
}
