import { ANNOTATIONS } from './compile.ts';
import type { Plan } from './plan.ts';
import type { Principal, Target } from './request.ts';
import type { PrincipalClass } from './roles.ts';

// Names in targets are chosen by callers, so what is remembered of them is bounded; starting over costs a microsecond each.
const MAX_PLANS = 20_000;
const MAX_CLASSES = 2_000;

/** Plans for the tools of one server under one method by name, and for everything else by a key put together. */
interface Shelf {
  readonly tools: Map<string, Plan>;
  readonly others: Map<string, Plan>;
}

interface ClassEntry {
  readonly who: PrincipalClass;
  readonly servers: Map<string | undefined, Map<string, Shelf>>;
}

export interface PlanCache {
  find(principal: Principal, target: Target): Plan;
}

/**
 * Remembers which rules apply to whom and what. Two principals share what is remembered only if no rule can tell them apart
 * without a condition.
 */
export function createPlanCache(
  make: (who: PrincipalClass, target: Target) => Plan,
  classify: (principal: Principal) => PrincipalClass,
): PlanCache {
  let classes = new Map<string, ClassEntry>();
  let byPrincipal = new WeakMap<Principal, ClassEntry>();
  let plans = 0;

  const reset = (): void => {
    classes = new Map();
    byPrincipal = new WeakMap();
    plans = 0;
  };

  const entryFor = (principal: Principal): ClassEntry => {
    const known = byPrincipal.get(principal);
    if (known !== undefined) return known;
    const who = classify(principal);
    let entry = classes.get(who.key);
    if (entry === undefined) {
      if (classes.size >= MAX_CLASSES) reset();
      entry = { who, servers: new Map() };
      classes.set(who.key, entry);
    }
    // One that can still be changed may be another class the next time.
    if (Object.isFrozen(principal)) byPrincipal.set(principal, entry);
    return entry;
  };

  const shelfFor = ({ servers }: ClassEntry, { server, method }: Target): Shelf => {
    let methods = servers.get(server);
    if (methods === undefined) servers.set(server, (methods = new Map()));
    let shelf = methods.get(method);
    if (shelf === undefined) methods.set(method, (shelf = { tools: new Map(), others: new Map() }));
    return shelf;
  };

  return {
    find: (principal, target) => {
      if (plans >= MAX_PLANS) reset();
      const entry = entryFor(principal);
      const shelf = shelfFor(entry, target);
      const plain = target.tool !== undefined && target.annotations === undefined;
      const key = plain ? target.tool : keyOf(target);
      const place = plain ? shelf.tools : shelf.others;
      const known = place.get(key);
      if (known !== undefined) return known;
      const plan = make(entry.who, target);
      place.set(key, plan);
      plans++;
      return plan;
    },
  };
}

/** Kind and annotations are of fixed length, so the name cannot be taken for a part of them. */
function keyOf({ tool, prompt, resource, annotations }: Target): string {
  const kind = tool !== undefined ? 't' : prompt !== undefined ? 'p' : resource !== undefined ? 'r' : '-';
  let hints = '';
  for (const name of ANNOTATIONS) {
    const value = annotations?.[name];
    hints += value === true ? '1' : value === false ? '0' : '-';
  }
  return `${kind}${hints}${tool ?? prompt ?? resource ?? ''}`;
}
