import type { FilterContext, Filter, Listed, Refusal } from '@sekisho/core';
import type { Direction, Masked, Masker, RestoreEvent, Where } from '@sekisho/pii';
import { objectMembers, skipSpace } from '@sekisho/protocol';
import type { Log } from '../cli/log.ts';

/** What content goes through. */
export type Masking = {
  readonly masker: Masker;
  /** For what servers say of their things. */
  readonly listings: Masker | undefined;
  /** Whether tokens may become values again. */
  readonly restores: boolean;
  /** Larger content is refused, in characters. */
  readonly maxScan: number;
};

/** What was done so far, in numbers. */
export type MaskingCounts = { masked: number; blocked: number; restored: number; refused: number };

/** Members of a message that are no content: nothing in them is touched. */
const ENVELOPE = new Set(['jsonrpc', 'id', 'method']);
/** Members of a list's entry by which it is asked for. */
const NAMES = new Set(['name', 'uri', 'uriTemplate']);

/** Content on its way to a server: tokens become values where they may, then what is left is masked. */
export function toServer(masking: Masking, counts: MaskingCounts, log: Log): NonNullable<Filter['inbound']> {
  return (text, context) => {
    if (text.length > masking.maxScan) return tooLarge(masking);
    const where = whereOf('to-tool', context);
    let restored = text;
    if (masking.restores) {
      const result = masking.masker.restoreJson(text, where);
      restored = result.text;
      tellRestored(result.events, where, context, counts, log);
    }
    const masked = masking.masker.maskJson(restored, where);
    return tellMasked([masked], where, context, counts) ?? masked.text;
  };
}

/** Content on its way to a client. Of a message everything but its envelope; the very same string where nothing was found. */
export function toClient(masking: Masking, counts: MaskingCounts): NonNullable<Filter['outbound']> {
  return (body, context) => {
    if (body.length > masking.maxScan) return tooLarge(masking);
    const where = whereOf('to-model', context);
    const members = context.target.kind === 'question' ? undefined : objectMembers(body, skipSpace(body, 0));
    if (!members) {
      const masked = masking.masker.maskJson(body, where);
      return tellMasked([masked], where, context, counts) ?? masked.text;
    }
    const all: Masked[] = [];
    let text = '';
    let at = 0;
    for (const { key, start, end } of members) {
      if (ENVELOPE.has(key)) continue;
      const raw = body.slice(start, end);
      const masked = masking.masker.maskJson(raw, where);
      if (masked.findings.length > 0) all.push(masked);
      if (masked.text === raw) continue;
      text += body.slice(at, start) + masked.text;
      at = end;
    }
    return tellMasked(all, where, context, counts) ?? (at === 0 ? body : text + body.slice(at));
  };
}

/** What a server says of its things. Names stay: they are what is asked for. */
export function ofListing(masker: Masker): NonNullable<Filter['listed']> {
  return (text, { server, kind }: Listed) => {
    const where: Where = { direction: 'to-model', server };
    const members = kind === 'instructions' || kind === 'list' ? undefined : objectMembers(text, skipSpace(text, 0));
    if (!members) return masker.maskJson(text, where).text;
    let clean = '';
    let at = 0;
    for (const { key, start, end } of members) {
      if (NAMES.has(key)) continue;
      const raw = text.slice(start, end);
      const masked = masker.maskJson(raw, where).text;
      if (masked === raw) continue;
      clean += text.slice(at, start) + masked;
      at = end;
    }
    return at === 0 ? text : clean + text.slice(at);
  };
}

function whereOf(direction: Direction, { principal, target }: FilterContext): Where {
  const where: { -readonly [Key in keyof Where]: Where[Key] } = { direction, principal: principal.id };
  if (principal.tenant !== undefined) where.tenant = principal.tenant;
  if (target.server !== undefined) where.server = target.server;
  if (target.kind === 'tool' && target.name !== undefined) where.tool = target.name;
  return where;
}

function tooLarge({ maxScan }: Masking): Refusal {
  return {
    refused: 'content',
    detail: 'larger than what is looked at for personal data',
    explanation: `It is larger than the ${maxScan} characters that are looked at for personal data.`,
    facts: { 'pii.too_large': true },
  };
}

/** Counts what was found, and refuses where a rule says that it must not go on. Labels and numbers only, never values. */
function tellMasked(
  all: readonly Masked[],
  where: Where,
  context: FilterContext,
  counts: MaskingCounts,
): Refusal | undefined {
  let masked = 0;
  const labels = new Set<string>();
  const blocking = new Set<string>();
  for (const { findings } of all)
    for (const { label, action } of findings) {
      if (action === 'allow') continue;
      masked += 1;
      labels.add(label);
      if (action === 'block') blocking.add(label);
    }
  if (masked === 0) return undefined;
  counts.masked += masked;
  const way = where.direction === 'to-tool' ? 'sent' : 'received';
  const facts = { [`pii.${way}`]: masked, [`pii.${way}_labels`]: [...labels].sort().join(' ') };
  if (blocking.size === 0) {
    context.note?.(facts);
    return undefined;
  }
  counts.blocked += 1;
  const what = [...blocking].sort().join(', ');
  return {
    refused: 'content',
    detail: `blocked: ${what}`,
    explanation: `It holds what must not be passed on: ${what}.`,
    facts: { ...facts, 'pii.blocked': true },
  };
}

/** A token that comes back where it may not be opened is how somebody would try to use a tool to unmask. */
function tellRestored(
  events: readonly RestoreEvent[],
  { server, tool }: Where,
  context: FilterContext,
  counts: MaskingCounts,
  log: Log,
): void {
  if (events.length === 0) return;
  const restored = events.filter(({ outcome }) => outcome === 'restored').length;
  const others = events.filter(({ outcome }) => outcome !== 'restored');
  counts.restored += restored;
  counts.refused += others.length;
  context.note?.({
    ...(restored > 0 ? { 'pii.restored': restored } : {}),
    ...(others.length > 0 ? { 'pii.not_restored': others.length } : {}),
  });
  if (others.length > 0)
    log.warn(
      { server, tool, outcomes: [...new Set(others.map(({ outcome, label }) => `${outcome} ${label ?? ''}`.trim()))] },
      'tokens were sent to a server that does not get their values',
    );
}
