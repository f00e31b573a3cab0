/**
 * Holds a tree of processes to a share of the processor by stopping it for a while. A bucket of processor time fills at the allowed
 * rate and empties by what was used; it may save up a little, so that a short burst is not cut.
 */
export interface DutyCycle {
  /** Tells the processor time used so far, in ms; answers whether the tree is to be stopped now. */
  step(usedMs: number, nowMs: number): boolean;
}

const BURST_MS = 1000;

export function createDutyCycle(percent: number, startMs: number): DutyCycle {
  const rate = percent / 100;
  let credit = BURST_MS * rate;
  let lastUsed = 0;
  let lastAt = startMs;
  return {
    step(usedMs, nowMs) {
      credit = Math.min(BURST_MS * rate, credit + (nowMs - lastAt) * rate) - Math.max(0, usedMs - lastUsed);
      // Ended children can take their time with them: what was counted once stays counted.
      lastUsed = Math.max(lastUsed, usedMs);
      lastAt = nowMs;
      return credit < 0;
    },
  };
}
