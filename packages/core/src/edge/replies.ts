import type { EventStream, Outlet } from '../client/event-log.ts';
import type { Session } from '../client/session.ts';
import type { Reply } from '../exchange.ts';
import { SSE_HEADERS, jsonHeaders } from './http-exchange.ts';
import type { EventSink, HttpExchange } from './http-exchange.ts';

const KEEP_ALIVE_MS = 15_000;

/** A stream of server-sent events as an outlet, kept alive by comments until it ends. */
export function sseOutlet(sink: EventSink): Outlet {
  let open = true;
  const timer = setInterval(() => sink.write(':\n\n'), KEEP_ALIVE_MS).unref();
  return {
    send: (text, id) => {
      if (open) sink.write(id === undefined ? `data: ${text}\n\n` : `id: ${id}\ndata: ${text}\n\n`);
    },
    comment: () => sink.write(':\n\n'),
    end: () => {
      if (!open) return;
      open = false;
      clearInterval(timer);
      sink.end();
    },
  };
}

/**
 * The answer to one modern POST: plain JSON where the answer is all there is, an event stream as soon as something comes
 * before it. A client that leaves has cancelled (MCP 2026-07-28, basic/patterns/cancellation).
 */
export function modernReply(http: HttpExchange): Reply {
  let outlet: Outlet | undefined;
  return {
    send: (text) => {
      outlet ??= sseOutlet(http.stream(SSE_HEADERS));
      outlet.send(text);
    },
    end: (text, tail) => {
      if (!outlet) return http.respond(200, jsonHeaders(), text, tail);
      outlet.send(tail ? text + tail.toString('latin1') : text);
      outlet.end();
    },
    refuse: (status, text, headers) => {
      if (!outlet) return http.respond(status, jsonHeaders(headers), text);
      outlet.send(text);
      outlet.end();
    },
  };
}

/**
 * The answer to one legacy POST. Its stream belongs to the session and outlives the connection: a client that leaves has not
 * cancelled, and may take the stream up again (2025-11-25, basic/transports).
 */
export function legacyReply(http: HttpExchange, session: Session): Reply {
  let stream: EventStream | undefined;
  let gone = false;
  const open = (): EventStream => {
    if (stream) return stream;
    stream = session.openStream();
    if (gone) return stream;
    const outlet = sseOutlet(http.stream({ ...SSE_HEADERS, 'Mcp-Session-Id': session.id }));
    if (session.revision.primingEvent) outlet.send('', stream.prime());
    stream.attach(outlet);
    http.onGone(() => {
      stream?.detach(outlet);
      outlet.end();
    });
    return stream;
  };
  http.onGone(() => {
    gone = true;
  });
  return {
    send: (text) => open().send(text),
    end: (text, tail) => {
      if (!stream && !gone) return http.respond(200, jsonHeaders(), text, tail);
      const own = open();
      own.send(tail ? text + tail.toString('latin1') : text);
      own.finish();
    },
    refuse: (status, text, headers) => {
      if (!stream && !gone) return http.respond(status, jsonHeaders(headers), text);
      const own = open();
      own.send(text);
      own.finish();
    },
  };
}
