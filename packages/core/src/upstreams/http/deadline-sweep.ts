import { Bag } from '../../bag.ts';
import type { Bagged } from '../../bag.ts';

/** Something that must be over by a certain time. */
export interface Timed extends Bagged {
  /** By the clock of the sweep, in milliseconds; 0 for never. */
  deadlineAt: number;
  expire(): void;
}

export interface DeadlineSweep<T extends Timed> {
  add: (item: T) => void;
  delete: (item: T) => void;
  /** All that was added and not deleted, as it is now. */
  items: () => T[];
}

/** One timer for all requests of a link: a timer for each would cost more than the rest of a small request's bookkeeping. */
export function createDeadlineSweep<T extends Timed>(now: () => number, everyMs: number): DeadlineSweep<T> {
  const items = new Bag<T>();
  let timer: NodeJS.Timeout | undefined;

  function sweep(): void {
    if (items.size === 0) {
      clearInterval(timer);
      timer = undefined;
      return;
    }
    const at = now();
    for (const item of items.items()) if (item.deadlineAt !== 0 && at >= item.deadlineAt) item.expire();
  }

  return {
    add(item) {
      items.add(item);
      // It holds no program open: what is waited for holds a socket, and that does.
      timer ??= setInterval(sweep, everyMs).unref();
    },
    delete(item) {
      items.remove(item);
    },
    items: () => items.items(),
  };
}
