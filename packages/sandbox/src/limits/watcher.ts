import type { LimitEvent } from '../network/events.ts';
import type { ResolvedLimits } from '../profile/profile.ts';
import { createDutyCycle } from './duty-cycle.ts';
import { processTree, treeMemory, treeProcessorMs } from './process-tree.ts';

export interface WatcherOptions {
  /** PID 1 of the box, seen from the host. */
  init: number;
  limits: ResolvedLimits;
  emit: (event: LimitEvent) => void;
  /** Ends the box; called once. */
  kill: (reason: 'memory' | 'cpu' | 'wall') => void;
  /** Monotonic time in ms. */
  monotonic: () => number;
}

export interface LimitWatcher {
  stop(): void;
}

const IDLE_POLL_MS = 250;
const BUSY_POLL_MS = 50;
const BUSY_SHARE = 0.5;

/** Signals a process that may have ended a moment ago. */
function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Watches a box's tree from outside, without privileges. Memory is polled, more often the nearer it is to its limit: a guard and not a
 * wall, since a process may allocate between two looks; RLIMIT_DATA, set inside, is the wall behind it.
 */
export function watchLimits({ init, limits, emit, kill, monotonic }: WatcherOptions): LimitWatcher {
  const begin = monotonic();
  const duty = limits.cpuPercent === undefined ? undefined : createDutyCycle(limits.cpuPercent, begin);
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const end = (
    limit: LimitEvent['limit'],
    reason: 'memory' | 'cpu' | 'wall',
    observed: number,
    allowed: number,
  ): void => {
    clearTimeout(timer);
    timer = undefined;
    emit({ type: 'limit', limit, observed, allowed, action: 'killed' });
    kill(reason);
  };

  const look = (): void => {
    const tree = processTree(init);
    const memory = treeMemory(tree, limits.memoryBytes);
    if (memory > limits.memoryBytes) return end('memoryBytes', 'memory', memory, limits.memoryBytes);
    const lived = monotonic() - begin;
    if (limits.wallMs !== undefined && lived >= limits.wallMs)
      return end('wallMs', 'wall', Math.round(lived), limits.wallMs);
    if (limits.cpuMs !== undefined || duty !== undefined) {
      const used = treeProcessorMs(tree);
      if (limits.cpuMs !== undefined && used > limits.cpuMs) return end('cpuMs', 'cpu', used, limits.cpuMs);
      const stop = duty?.step(used, monotonic()) ?? false;
      if (stop && !stopped)
        emit({ type: 'limit', limit: 'cpuPercent', observed: used, allowed: limits.cpuPercent!, action: 'throttled' });
      // Whoever was started since the last look has to be stopped as well. PID 1 of the box only waits, and stays.
      if (stop || stopped) for (const pid of tree.slice(1)) signal(pid, stop ? 'SIGSTOP' : 'SIGCONT');
      stopped = stop;
    }
    const busy = duty !== undefined || memory > limits.memoryBytes * BUSY_SHARE;
    const untilWall = limits.wallMs === undefined ? IDLE_POLL_MS : Math.max(1, limits.wallMs - lived);
    timer = setTimeout(look, Math.min(busy ? BUSY_POLL_MS : IDLE_POLL_MS, untilWall));
    timer.unref();
  };
  timer = setTimeout(look, BUSY_POLL_MS);
  timer.unref();
  return {
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
