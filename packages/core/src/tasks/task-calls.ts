import type { MemberChanges, ResponseView } from '@sekisho/protocol';
import type { GatewayContext } from '../context.ts';
import { endRefused } from '../parked/refuse-retry.ts';
import { relayAnswers } from '../parked/relay.ts';
import type { Seat } from '../parked/seat.ts';
import { isRefusal } from '../ports.ts';
import type { OwnTask } from './task-id.ts';
import { passTask } from './task-questions.ts';

/**
 * `tasks/update`: the answers that a client brings to a task, as the filters let them through.
 *
 * @param begin makes the call
 */
export function answersToTask(
  seat: Seat,
  server: string,
  context: GatewayContext,
  begin: (changes: MemberChanges) => void,
): void {
  // Who leaves now has made no call.
  seat.hears.cancelWith(() => undefined);
  relayAnswers(seat, server, undefined, context).then(
    (changes) => {
      if (changes && !seat.finish.ended) begin(changes);
    },
    (error: unknown) => failed(error, seat, context),
  );
}

/**
 * `tasks/get` of a task that asks something.
 *
 * @param go sends the task as the client may see it
 */
export async function taskAsks(
  view: ResponseView,
  task: OwnTask,
  seat: Seat,
  context: GatewayContext,
  go: (view: ResponseView) => void,
): Promise<void> {
  const { x, finish, hears } = seat;
  const { principal, credentials } = x;
  try {
    const passed = await passTask(view, { principal, credentials, capabilities: x.caller.capabilities }, task, context);
    if (finish.ended) return hears.release();
    if (passed !== undefined && !isRefusal(passed)) return go(passed);
    hears.release();
    if (passed === undefined) finish.fail(-32603, 'The task asks for input in a way that this client cannot be asked.');
    else if (passed.refused === 'content' || passed.refused === 'limited') endRefused(seat, passed);
    else finish.fail(-31403, 'The server asked for something that it may not ask of you.');
  } catch (error) {
    failed(error, seat, context);
  }
}

function failed(error: unknown, { finish, hears }: Seat, context: GatewayContext): void {
  context.log.error({ error: String(error) }, 'a task failed inside the gateway');
  hears.release();
  finish.fail(-32603, 'Internal error.');
}
