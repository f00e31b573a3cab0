import { resolve } from 'node:path';
import { z } from 'zod';
import { askWriter } from '../audit-logs.ts';
import { exitCodes } from '../commands-table.ts';
import { print } from '../io.ts';
import { needsOne, readSubject, type AuditTask } from '../audit-task.ts';

const statusSchema = z.looseObject({ status: z.string() });

/** Asks the writer of every log: a person may be in all of them. */
async function askAll(
  task: AuditTask,
  path: string,
  body: object,
): Promise<Record<string, z.infer<typeof statusSchema>>> {
  const answers: Record<string, z.infer<typeof statusSchema>> = {};
  for (const log of task.all.logs)
    answers[log.replica] = statusSchema.parse(await askWriter(task.all, log, path, body));
  return answers;
}

function show({ flags, io }: AuditTask, answers: Record<string, object>): void {
  if (flags.json === true) return print(io.stdout, JSON.stringify(answers, null, 2));
  for (const [replica, answer] of Object.entries(answers))
    print(
      io.stdout,
      `${replica}: ${Object.entries(answer)
        .map(([key, value]) => `${key} ${String(value)}`)
        .join(', ')}`,
    );
}

export async function auditErase(task: AuditTask): Promise<number> {
  const { words, flags, io } = task;
  const [who] = words;
  if (who === undefined) return missing(task, 'audit erase <subject>');
  if (flags.yes !== true) {
    print(
      io.stderr,
      `This cannot be undone: nobody can read who "${who}" was in the record any more. Add --yes to do it.`,
    );
    return exitCodes.usage;
  }
  const answers = await askAll(task, '/audit/erase', readSubject(who));
  show(task, answers);
  return Object.values(answers).some(({ status }) => status === 'held') ? exitCodes.failure : exitCodes.ok;
}

export async function auditExport(task: AuditTask): Promise<number> {
  const { words, flags, io, all } = task;
  const [who] = words;
  if (who === undefined) return missing(task, 'audit export <subject> [--output <folder>]');
  const answers: Record<string, z.infer<typeof statusSchema>> = {};
  for (const log of all.logs) {
    const output = flags.output === undefined ? {} : { output: resolve(io.cwd, String(flags.output), log.replica) };
    answers[log.replica] = statusSchema.parse(
      await askWriter(all, log, '/audit/export', { ...readSubject(who), ...output }),
    );
  }
  show(task, answers);
  return Object.values(answers).some(({ status }) => status === 'exported') ? exitCodes.ok : exitCodes.failure;
}

/** `hold <id> [subject]` places one, `hold <id> --release` lifts it, `hold` lists them. */
export async function auditHold(task: AuditTask): Promise<number> {
  const { words, flags } = task;
  const [id, who] = words;
  if (id === undefined) {
    if (task.one === undefined) return needsOne(task);
    const { gateway } = task.one;
    if (gateway === undefined) return missing(task, 'audit hold <id> [subject] [--release]');
    show(task, { [task.one.replica]: (await gateway.ask('/audit/holds')) as object });
    return exitCodes.ok;
  }
  const release = flags.release === true;
  const body = release || who === undefined ? { id } : { id, subject: readSubject(who) };
  show(task, await askAll(task, release ? '/audit/release' : '/audit/hold', body));
  return exitCodes.ok;
}

export async function auditPurge(task: AuditTask): Promise<number> {
  const { flags, io } = task;
  const beforeMs = flags.before === undefined ? undefined : Date.parse(String(flags.before));
  if (flags.before === undefined || Number.isNaN(beforeMs)) {
    print(
      io.stderr,
      `Say how old: ${io.program} audit purge --before 2026-08-01 (segments whose newest record is older go).`,
    );
    return exitCodes.usage;
  }
  show(task, await askAll(task, '/audit/purge', { beforeMs }));
  return exitCodes.ok;
}

function missing({ io }: AuditTask, usage: string): number {
  print(io.stderr, `Usage: ${io.program} ${usage}`);
  return exitCodes.usage;
}
