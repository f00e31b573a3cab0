import type { EntryContext } from './entry-context.ts';

export type EntryTimeouts = { readonly startMs?: number; readonly callMs?: number };

/** Below this no client means milliseconds, and Claude Code ignores the number too. */
const leastMs = 1000;
/** What the gateway takes; clients that wait for longer wait for as long as it can. */
const ranges = { startMs: [100, 600_000], callMs: [100, 3_600_000] } as const;

/** Milliseconds of Claude Code and Gemini, seconds of Codex and Cline, all in milliseconds. */
export function readTimeouts({ raw, dialect, place, warn }: EntryContext): EntryTimeouts | undefined {
  let startMs = raw.startup_timeout_sec === undefined ? raw.startup_timeout_ms : raw.startup_timeout_sec * 1000;
  let callMs = raw.tool_timeout_sec === undefined ? undefined : raw.tool_timeout_sec * 1000;
  if (raw.timeout !== undefined) {
    if (dialect === 'cline') callMs = raw.timeout * 1000;
    else if (raw.timeout >= leastMs) callMs = raw.timeout;
    else
      warn(
        place('timeout'),
        `"timeout" counts milliseconds, and ${raw.timeout} ms is too short to be meant; it is ignored.`,
        `For ${raw.timeout} seconds write ${raw.timeout * 1000}.`,
      );
  }
  // Hatago's names.
  const { connectMs, requestMs } = raw.timeouts ?? {};
  if (typeof connectMs === 'number' && connectMs > 0) startMs = connectMs;
  if (typeof requestMs === 'number' && requestMs > 0) callMs = requestMs;
  if (startMs === undefined && callMs === undefined) return undefined;
  const clamp = (key: keyof typeof ranges, value: number): number =>
    Math.min(ranges[key][1], Math.max(ranges[key][0], Math.round(value)));
  return {
    ...(startMs === undefined ? {} : { startMs: clamp('startMs', startMs) }),
    ...(callMs === undefined ? {} : { callMs: clamp('callMs', callMs) }),
  };
}
