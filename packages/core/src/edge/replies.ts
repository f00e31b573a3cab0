import { onOneLine } from '@sekisho/protocol';
import type { EventStream, Outlet } from '../client/event-log.ts';
import type { Session } from '../client/session.ts';
import type { OpenStreams } from '../client/open-streams.ts';
import type { Reply } from '../exchange.ts';
import type { Principal } from '../ports.ts';
import type { StreamPlace } from '../stream-place.ts';
import { joined } from '../wire.ts';
import { SSE_HEADERS, jsonHeaders } from './http-exchange.ts';
import type { EventSink, HttpExchange } from './http-exchange.ts';

const KEEP_ALIVE_MS = 15_000;
/** How soon a client comes back for the rest of a stream that was closed on it. */
const RETRY_MS = 500;

type Headers = Readonly<Record<string, string>> | undefined;

/** A stream of server-sent events as an outlet, kept alive by comments until it ends. `ended` is called once, then. */
export function sseOutlet(sink: EventSink, ended?: () => void): Outlet {
  let open = true;
  const timer = setInterval(() => sink.write(':\n\n'), KEEP_ALIVE_MS).unref();
  return {
    send: (text, id) => {
      if (!open) return;
      const line = onOneLine(text);
      sink.write(id === undefined ? `data: ${line}\n\n` : `id: ${id}\ndata: ${line}\n\n`);
    },
    prime: (id, retryMs) => sink.write(`id: ${id}\nretry: ${retryMs}\ndata: \n\n`),
    comment: () => sink.write(':\n\n'),
    end: () => {
      if (!open) return;
      open = false;
      clearInterval(timer);
      sink.end();
      ended?.();
    },
  };
}

/**
 * The answer to one modern POST: plain JSON where the answer is all there is, an event stream as soon as something comes
 * before it. A client that leaves has cancelled (MCP 2026-07-28, basic/patterns/cancellation).
 *
 * Where `place` is refused, no stream is opened: what would come before the answer is left out, and the answer comes alone.
 */
export function modernReply(
  http: HttpExchange,
  streams: OpenStreams,
  principal: Principal,
  place?: StreamPlace,
): Reply {
  let outlet: Outlet | undefined;
  let extra: Headers;
  const open = (): Outlet | undefined => {
    if (http.gone || place?.take()) return undefined;
    const opened = sseOutlet(
      streams.begin(http, extra ? { ...SSE_HEADERS, ...extra } : SSE_HEADERS, { principal }),
      () => place?.close(),
    );
    http.onGone(() => opened.end());
    return opened;
  };
  return {
    begin: (headers) => {
      extra = headers;
    },
    send: (text) => {
      outlet ??= open();
      outlet?.send(text);
    },
    end: (text, tail) => {
      if (!outlet) return http.respond(200, jsonHeaders(extra), text, tail);
      outlet.send(joined(text, tail));
      outlet.end();
    },
    refuse: (status, text, headers) => {
      if (!outlet) return http.respond(status, jsonHeaders(extra ? { ...extra, ...headers } : headers), text);
      outlet.send(text);
      outlet.end();
    },
  };
}

/**
 * The answer to one legacy POST. Its stream belongs to the session and outlives the connection: a client that leaves has not
 * cancelled, and may take the stream up again (2025-11-25, basic/transports).
 *
 * Where `place` is refused, no stream is opened: what would come before the answer is left out, and the answer comes alone.
 */
export function legacyReply(http: HttpExchange, streams: OpenStreams, session: Session, place?: StreamPlace): Reply {
  let stream: EventStream | undefined;
  let attached: Outlet | undefined;
  let extra: Headers;
  const open = (): EventStream | undefined => {
    if (stream) return stream;
    if (!http.gone && place?.take()) return undefined;
    stream = session.openStream();
    if (http.gone) return stream;
    const outlet = sseOutlet(
      streams.begin(http, { ...SSE_HEADERS, ...extra, 'Mcp-Session-Id': session.id }, session),
      () => place?.close(),
    );
    attached = outlet;
    if (session.revision.primingEvent) outlet.prime(stream.prime(), RETRY_MS);
    stream.attach(outlet);
    http.onGone(() => {
      stream?.detach(outlet);
      outlet.end();
    });
    return stream;
  };
  const endOn = (own: EventStream | undefined, text: string): void => {
    own?.send(text);
    own?.finish();
  };
  return {
    begin: (headers) => {
      extra = headers;
      // A client that names the stream first wants one, and can then resume from its very start.
      if (prefersStream(http.header('accept'))) open();
    },
    send: (text) => open()?.send(text),
    end: (text, tail) => {
      if (!stream && !http.gone) return http.respond(200, jsonHeaders(extra), text, tail);
      endOn(open(), joined(text, tail));
    },
    pause: () => {
      if (!stream || !attached || !session.revision.primingEvent) return;
      stream.detach(attached);
      attached.end();
    },
    refuse: (status, text, headers) => {
      if (!stream && !http.gone)
        return http.respond(status, jsonHeaders(extra ? { ...extra, ...headers } : headers), text);
      endOn(open(), text);
    },
  };
}

function prefersStream(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const stream = accept.indexOf('text/event-stream');
  const json = accept.indexOf('application/json');
  return stream >= 0 && json >= 0 && stream < json;
}
