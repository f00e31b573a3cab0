import type { ResponseView } from '@sekisho/protocol';
import type { GatewayContext } from '../context.ts';
import type { Upstream } from '../upstreams/upstream.ts';
import { WantedPages, wantsPages } from './pages.ts';
import type { Seat } from './seat.ts';
import { asksForInput, relayQuestions } from './relay.ts';

type Asking = (view: ResponseView, seat: Seat, upstream: Upstream, context: GatewayContext) => Promise<void>;

/** What becomes of a server's answer that asks something instead of answering; undefined for an ordinary one. */
export function askingAnswer(view: ResponseView, upstream: Upstream): Asking | undefined {
  // The words of one era mean nothing in the other.
  if (upstream.opened?.era === 'modern') return asksForInput(view) ? relay : undefined;
  return wantsPages(view) ? open : undefined;
}

/** The last resort of both: whatever goes wrong is an internal error, and on the log. */
async function guarded(work: Promise<void>, { finish }: Seat, context: GatewayContext): Promise<void> {
  try {
    await work;
  } catch (error) {
    context.log.error({ error: String(error) }, 'a question of a server failed inside the gateway');
    finish.fail(-32603, 'Internal error.');
  }
}

const relay: Asking = (view, seat, upstream, context) =>
  guarded(relayQuestions(view, seat, upstream.spec.name, context), seat, context);

const open: Asking = (view, seat, upstream, context) =>
  guarded(WantedPages.ask(view, seat, upstream.spec.name, context), seat, context);
