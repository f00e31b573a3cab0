import type { Item } from './decision.ts';
import { RateLimitError } from './errors.ts';
import { isCost } from './rule.ts';
import type { Adjustment, Level } from './store.ts';

/** What a call really used. A unit that is left out keeps the charge that `take` made. */
export interface Actual {
  /** Bytes of the result, 0 or more. */
  readonly bytes?: number;
  /** Tokens, as the upstream counted them, 0 or more. */
  readonly tokens?: number;
}

/**
 * The corrections that turn what was assumed into what was used.
 *
 * @throws {RateLimitError} `ERR_RATE_LIMIT_COST` when an amount is negative or no number.
 */
export function adjustmentsFor(
  items: readonly Item[],
  levels: readonly Level[],
  actual: Actual | 'refund',
): readonly Adjustment[] {
  const adjustments: Adjustment[] = [];
  for (let i = 0; i < items.length; i++) {
    const { rule, key, limit, cost } = items[i]!;
    const level = levels[i]!;
    // A bucket in shadow mode that had no room was not charged: only what really happens is charged to it.
    const charged = level.fits ? cost : 0;
    const used = usedUnits(rule.unit, charged, actual, rule.refundable);
    if (!isCost(used)) {
      throw new RateLimitError('ERR_RATE_LIMIT_COST', `rule '${rule.name}': cannot settle ${used} ${rule.unit}`);
    }
    if (used !== charged) adjustments.push({ key, limit, delta: used - charged, period: level.period });
  }
  return adjustments;
}

function usedUnits(
  unit: Item['rule']['unit'],
  charged: number,
  actual: Actual | 'refund',
  refundable: boolean,
): number {
  if (actual === 'refund') return refundable ? 0 : charged;
  if (unit === 'requests') return charged;
  return actual[unit] ?? charged;
}
