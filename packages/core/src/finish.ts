import { randomUUID } from 'node:crypto';
import { errorText } from '@sekisho/protocol';
import type { GatewayContext } from './context.ts';
import type { Authenticated } from './exchange.ts';
import type { Awaitable, ExchangeRecord, Outcome, Permit, Target } from './ports.ts';

/** The one end of an exchange. */
export interface Finish {
  readonly exchange: ExchangeRecord;
  permit: Permit | undefined;
  readonly ended: boolean;
  /**
   * Records the outcome, exactly once however often it is called; comes before the last reply leaves.
   * @returns a promise only where a recorder needs one
   */
  record(outcome: Omit<Outcome, 'durationMs'>): Awaitable<void>;
  /** Records and sends an answer that ends the exchange; does nothing where it has ended. */
  end(outcome: Omit<Outcome, 'durationMs'>, text: string, tail?: Buffer): void;
  fail(code: number, message: string, data?: unknown, reason?: string): void;
}

export function createFinish(x: Authenticated, target: Target, context: GatewayContext): Finish {
  const { ports, now } = context;
  let ended = false;
  const finish: Finish = {
    exchange: { id: ports.record ? randomUUID() : '', principal: x.principal, target, era: x.caller.era, startedMs: x.startedMs },
    permit: undefined,
    get ended() {
      return ended;
    },
    record(outcome) {
      if (ended) return undefined;
      ended = true;
      const whole: Outcome = { ...outcome, durationMs: now() - x.startedMs };
      finish.permit?.settle(whole);
      return ports.record?.outcome?.(finish.exchange, whole);
    },
    end(outcome, text, tail) {
      if (ended) return;
      const recorded = finish.record(outcome);
      if (!recorded) return x.reply.end(text, tail);
      recorded.then(
        () => x.reply.end(text, tail),
        (error: unknown) => {
          context.log.error({ error: String(error) }, 'the record refused an outcome');
          x.reply.end(errorText(x.message.idText, -31503, 'The gateway cannot record this call.'));
        },
      );
    },
    fail(code, message, data, reason) {
      finish.end({ result: 'failed', code, ...(reason === undefined ? {} : { reason }) }, errorText(x.message.idText, code, message, data));
    },
  };
  return finish;
}
