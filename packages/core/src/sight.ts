import { isRefusal } from './ports.ts';
import type { Decide, Sees } from './ports.ts';

/** Where nothing is decided everything is seen. */
export const seesAll: Sees = (_principal, targets) => targets.map(() => true);

/** What may be used is seen. A question that fails is no sight: it rejects, and nothing is shown. */
export function seesByDecision(decide: Decide): Sees {
  return (principal, targets, address) => {
    const seen: boolean[] = [];
    for (let i = 0; i < targets.length; i++) {
      const verdict = decide(principal, targets[i]!, address);
      // From the first promise on they are awaited one after the other: a remote engine is asked in order.
      if (verdict instanceof Promise) return rest(decide, principal, targets, address, seen, verdict);
      seen.push(!isRefusal(verdict));
    }
    return seen;
  };
}

async function rest(
  decide: Decide,
  principal: Parameters<Decide>[0],
  targets: Parameters<Sees>[1],
  address: string | undefined,
  seen: boolean[],
  first: ReturnType<Decide>,
): Promise<readonly boolean[]> {
  seen.push(!isRefusal(await first));
  for (let i = seen.length; i < targets.length; i++)
    seen.push(!isRefusal(await decide(principal, targets[i]!, address)));
  return seen;
}
