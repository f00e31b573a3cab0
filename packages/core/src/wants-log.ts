import { isObject, reachesLevel } from '@sekisho/protocol';
import type { Authenticated } from './exchange.ts';
import { parseObject } from './wire.ts';

/** Whether a log message, a binary string, goes to the caller: what it asked for of its session, or with this request. */
export function wantsLog(x: Authenticated, text: string): boolean {
  const params = parseObject(text)['params'];
  const level = isObject(params) ? String(params['level']) : '';
  if (x.caller.session) return x.caller.session.wantsLog(level);
  return x.caller.logLevel !== undefined && reachesLevel(level, x.caller.logLevel);
}
