import type { AuditLog, Outcome } from '@sekisho/audit';
import { isAuditError } from '@sekisho/audit';
import express from 'express';
import type { Express, NextFunction, Request, Response } from 'express';

type Log = AuditLog<'orders.placed' | 'orders.request'>;

function outcomeOf(status: number): Outcome {
  if (status < 400) return 'ok';
  return status === 401 || status === 403 ? 'denied' : 'error';
}

/**
 * Audits every request: its outcome is on disk before the answer leaves. `response.json` is held back until the log has the
 * record; without a record the caller gets 503, never an answer that nobody can account for.
 */
function audited(log: Log) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const exchange = log.exchange({
      source: { ip: request.ip ?? 'unknown', userAgent: request.get('user-agent') ?? 'unknown' },
      target: { method: request.method, name: request.path },
    });
    const user = request.get('x-user');
    if (user !== undefined) exchange.add({ actor: { issuer: 'shop', subject: user } });
    const answer = response.json.bind(response);
    response.json = (body: unknown) => {
      const code = response.statusCode;
      exchange.finish({ type: 'orders.request', outcome: outcomeOf(code), response: { code } }).then(
        () => answer(body),
        (error: unknown) => {
          const retryAfter = isAuditError(error) ? (error.retryAfterSeconds ?? 5) : 5;
          response.status(503).set('retry-after', String(retryAfter));
          answer({ error: 'the request could not be put on record' });
        },
      );
      return response;
    };
    // The client left before there was an answer: that is an outcome too.
    response.on('close', () => {
      if (!exchange.finished) void exchange.finish({ type: 'orders.request', outcome: 'cancelled' });
    });
    next();
  };
}

export function createShop(log: Log): Express {
  const app = express();
  // First of all, so that a body that cannot be parsed is on record too.
  app.use(audited(log), express.json());
  // Express 5 hands what an async handler throws to the error handler below.
  // oxlint-disable-next-line oxc/no-async-endpoint-handlers
  app.post('/orders', async (request, response) => {
    const user = request.get('x-user');
    if (user === undefined) {
      response.status(401).json({ error: 'who are you?' });
      return;
    }
    const items = (request.body as { items: unknown[] }).items.length;
    await log.record({
      type: 'orders.placed',
      outcome: 'ok',
      actor: { issuer: 'shop', subject: user },
      detail: { items },
    });
    response.status(201).json({ items });
  });
  app.use((_error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    response.status(500).json({ error: 'failed' });
  });
  return app;
}
