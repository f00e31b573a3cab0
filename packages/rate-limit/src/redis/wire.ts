import { RateLimitError } from '../errors.ts';
import { roundingUnits, type Adjustment, type BucketLimit, type Charge, type Level, type Outcome } from '../store.ts';

/** What is the same in every call under a rule, as text: rendering numbers is half the cost of a call. */
interface Rendered {
  readonly kind: string;
  /** What fits in: microseconds of a rate, units of a budget. */
  readonly room: string;
  /** Microseconds that may be in use at most; 0 for a budget. */
  readonly most: string;
  /** What one unit is: microseconds of a rate, 1 of a budget. */
  readonly perUnit: number;
}

const rendered = new WeakMap<BucketLimit, Rendered>();

function render(limit: BucketLimit): Rendered {
  const known = rendered.get(limit);
  if (known !== undefined) return known;
  const { kind, capacity, unitMs, overdraft, shadow } = limit;
  const perUnit = kind === 'rate' ? unitMs * 1000 : 1;
  const number = { rate: 0, day: 1, month: 2 }[kind];
  const made = {
    kind: String(shadow ? number + 10 : number),
    room: String((capacity + roundingUnits(limit)) * perUnit),
    most: String(kind === 'rate' ? (capacity + overdraft) * perUnit : 0),
    perUnit,
  };
  rendered.set(limit, made);
  return made;
}

export function isPlainRate({ limit }: Charge): boolean {
  return limit.kind === 'rate' && !limit.shadow;
}

export function ratesArgs(charges: readonly Charge[]): string[] {
  const args: string[] = [];
  for (const { limit, cost } of charges) {
    const { room, most, perUnit } = render(limit);
    args.push(String(cost * perUnit), room, most);
  }
  return args;
}

export function takeArgs(charges: readonly Charge[]): string[] {
  return charges.flatMap(({ limit, cost }) => {
    const { kind, room, most, perUnit } = render(limit);
    return [kind, String(cost * perUnit), room, most, '0'];
  });
}

export function adjustArgs(adjustments: readonly Adjustment[]): string[] {
  return adjustments.flatMap(({ limit, delta, period }) => {
    const { kind, most, perUnit } = render(limit);
    return [kind, String(delta * perUnit), '0', most, String(period)];
  });
}

export function toRatesOutcome(reply: unknown, charges: readonly Charge[]): Outcome {
  if (!Array.isArray(reply) || reply.length !== charges.length) throw strange();
  let allowed = true;
  const levels: Level[] = [];
  for (let i = 0; i < charges.length; i++) {
    const debt: unknown = reply[i];
    if (typeof debt !== 'number' || !Number.isFinite(debt)) throw strange();
    const fits = debt >= 0;
    if (!fits) allowed = false;
    levels.push({ fits, used: (fits ? debt : -1 - debt) / (charges[i]!.limit.unitMs * 1e6), period: 0, endsInMs: 0 });
  }
  return { allowed, levels };
}

export function toOutcome(reply: unknown, charges: readonly Charge[]): Outcome {
  if (!Array.isArray(reply) || reply.length !== charges.length * 3 + 1) throw strange();
  const levels: Level[] = [];
  for (let i = 0; i < charges.length; i++) {
    const { limit } = charges[i]!;
    const fits = flag(reply[i * 3 + 1]);
    const used = number(reply[i * 3 + 2]) / render(limit).perUnit;
    if (limit.kind === 'rate') {
      levels.push({ fits, used, period: 0, endsInMs: 0 });
    } else {
      const [period, endsInS] = String(reply[i * 3 + 3]).split(':');
      levels.push({ fits, used, period: number(period), endsInMs: number(endsInS) * 1000 });
    }
  }
  return { allowed: flag(reply[0]), levels };
}

function flag(value: unknown): boolean {
  if (value === 1) return true;
  if (value === 0) return false;
  throw strange();
}

function number(value: unknown): number {
  const result = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof result !== 'number' || !Number.isFinite(result)) throw strange();
  return result;
}

function strange(): RateLimitError {
  return new RateLimitError('ERR_RATE_LIMIT_STORE_REPLY', 'the server answered something else than the script does');
}
