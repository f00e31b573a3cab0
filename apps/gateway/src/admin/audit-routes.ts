import {
  eraseSubject,
  exportSubject,
  liftLegalHold,
  listLegalHolds,
  placeLegalHold,
  purgeSegments,
  subjectPseudonym,
  type AuditLog,
  type Identity,
} from '@sekisho/audit';
import { z } from 'zod';
import type { AuditMount } from '../mount/audit.ts';
import { withIndex } from '../audit/index-of.ts';
import { AdminRequestError, type AdminRoute } from './listener.ts';

const subject = z.strictObject({ issuer: z.string().min(1).max(1024), subject: z.string().min(1).max(1024) });
const holdId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/** Who asks over the admin port: whoever holds its token. Sealed like any identity. */
const OPERATOR: Identity = { issuer: 'sekisho', subject: 'operator' };

function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  throw new AdminRequestError(
    parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
  );
}

/** What commands ask of the process that writes the log: it alone may. Each is on record by the library itself. */
export function auditRoutes(audit: AuditMount): Record<string, AdminRoute> {
  const { log } = audit;
  if (log === undefined) return {};
  const post = (schema: z.ZodType, handle: (body: never) => Promise<unknown>): AdminRoute => ({
    method: 'POST',
    handle: async (body) => ({ body: await handle(read(schema, body) as never) }),
  });
  return {
    '/audit/erase': post(subject, (body) => erase(log, audit, body)),
    '/audit/export': post(
      z.strictObject({ ...subject.shape, output: z.string().min(1).optional() }),
      async ({ output, ...who }: z.infer<typeof subject> & { output?: string }) =>
        await exportSubject(log, {
          subject: who,
          by: OPERATOR,
          ...(output === undefined ? {} : { outputDirectory: output }),
        }),
    ),
    '/audit/holds': { method: 'GET', handle: async () => ({ body: { holds: await listLegalHolds(log) } }) },
    '/audit/hold': post(
      z.strictObject({ id: holdId, subject: subject.optional() }),
      async ({ id, subject: on }: { id: string; subject?: z.infer<typeof subject> }) => {
        await placeLegalHold(log, { id, by: OPERATOR, ...(on === undefined ? {} : { subject: on }) });
        return { status: 'held' };
      },
    ),
    '/audit/release': post(z.strictObject({ id: holdId }), async ({ id }: { id: string }) => ({
      status: (await liftLegalHold(log, { id, by: OPERATOR })) ? 'released' : 'unknown',
    })),
    '/audit/purge': post(
      z.strictObject({ beforeMs: z.int().min(0).optional() }),
      async ({ beforeMs }: { beforeMs?: number }) =>
        beforeMs === undefined ? await audit.purge!() : await purgeSegments(log, { beforeMs, by: OPERATOR }),
    ),
    '/audit/verified': post(
      z.strictObject({ status: z.enum(['intact', 'unsealed', 'broken']), size: z.int(), findings: z.int() }),
      async ({ status, size, findings }: { status: string; size: number; findings: number }) => {
        const ok = status !== 'broken';
        const detail = { status, size, findings };
        await audit.record({
          type: ok ? 'audit.verify_ok' : 'audit.verify_failed',
          outcome: ok ? 'ok' : 'error',
          detail,
        });
        return { status: 'recorded' };
      },
    ),
    '/audit/key': post(
      z.strictObject({
        type: z.enum(['apikey.created', 'apikey.rotated', 'apikey.revoked']),
        keyId: z.string().min(1).max(128),
      }),
      async ({ type, keyId }: { type: 'apikey.created' | 'apikey.rotated' | 'apikey.revoked'; keyId: string }) => {
        await audit.record({ type, outcome: 'ok', actor: OPERATOR, detail: { key_id: keyId } });
        return { status: 'recorded' };
      },
    ),
    '/audit/pseudonym': post(subject, async (who: z.infer<typeof subject>) => ({
      pseudonym: (await subjectPseudonym(log, who)) ?? null,
    })),
    '/audit/checkpoint': post(z.strictObject({}), async () => {
      await log.checkpoint();
      return { status: 'signed', size: log.state().checkpointSize };
    }),
  };
}

async function erase(log: AuditLog, audit: AuditMount, who: z.infer<typeof subject>): Promise<unknown> {
  return await withIndex(log, async (index) =>
    eraseSubject(log, { subject: who, by: OPERATOR, derived: [...(index ? [index] : []), ...audit.derived] }),
  );
}
