/** Bounds of a limit that follows the upstream. */
export interface AdaptiveOptions {
  /** Calls at once at the start. Default 20, within the bounds. */
  readonly initial?: number;
  /** Never fewer. At least 1, default 1. */
  readonly min?: number;
  /** Never more. Default 200. */
  readonly max?: number;
}

// A call may take half as long again as usual before the limit goes down, or ordinary jitter would strangle it.
const TOLERANCE = 1.5;
// Weight of the newest limit and of the newest round trip in their averages.
const LIMIT_WEIGHT = 0.2;
const SAMPLES = 600;
const WARM_UP = 10;

/**
 * How many calls at once an upstream stands, learned from how long they take: the limit shrinks when calls take longer
 * than they used to, grows by its square root when they do not, and drops by a tenth with every call that came to
 * nothing. (The gradient method of Netflix's concurrency-limits, from its published description.)
 */
export class GradientLimit {
  readonly #min: number;
  readonly #max: number;
  #limit: number;
  #usualMs = 0;
  #samples = 0;

  /** @throws TypeError when the bounds contradict each other. */
  constructor(options: AdaptiveOptions = {}) {
    const { initial = 20, min = 1, max = 200 } = checkAdaptive(options);
    this.#min = min;
    this.#max = max;
    this.#limit = Math.min(Math.max(initial, min), max);
  }

  /** Calls that may be under way at once. A whole number. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /**
   * @param tookMs How long a call took that succeeded, or failed by its own fault.
   * @param underWay Calls under way when it ended, itself included. Half the limit unused says nothing about the limit.
   */
  completed(tookMs: number, underWay: number): void {
    const took = Math.max(tookMs, 0.001);
    this.#samples++;
    const weight = this.#samples <= WARM_UP ? 1 / this.#samples : 2 / (SAMPLES + 1);
    this.#usualMs += (took - this.#usualMs) * weight;
    // After a long slow spell the average would take as long to come down; help it, so that the limit recovers.
    if (this.#usualMs / took > 2) this.#usualMs *= 0.95;
    if (underWay < this.#limit / 2) return;
    const gradient = Math.min(Math.max((TOLERANCE * this.#usualMs) / took, 0.5), 1);
    this.#approach(this.#limit * gradient + Math.sqrt(this.#limit));
  }

  /** A call that timed out, or found the upstream overloaded. */
  dropped(): void {
    this.#limit = Math.max(this.#limit * 0.9, this.#min);
  }

  #approach(target: number): void {
    const next = this.#limit * (1 - LIMIT_WEIGHT) + target * LIMIT_WEIGHT;
    this.#limit = Math.min(Math.max(next, this.#min), this.#max);
  }
}

/** @throws TypeError when the bounds contradict each other. */
export function checkAdaptive(options: AdaptiveOptions): AdaptiveOptions {
  const { initial = 20, min = 1, max = 200 } = options;
  if (Number.isInteger(min) && Number.isInteger(max) && min >= 1 && max >= min && Number.isFinite(initial))
    return options;
  throw new TypeError('an adaptive limit needs whole numbers with 1 <= min <= max');
}
