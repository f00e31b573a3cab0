import { readFile } from 'node:fs/promises';
import { proveRecord, reportSoc2, tailRecords, verifyLog, ed25519Signer, type AuditRecord } from '@sekisho/audit';
import { withIndex } from '../../audit/index-of.ts';
import { askWriter } from '../audit-logs.ts';
import { exitCodes } from '../commands-table.ts';
import { print } from '../io.ts';
import { oneLine } from '../terminal.ts';
import { needsOne, readSubject, type AuditTask } from '../audit-task.ts';

/** The exit code that says "nothing wrong, but the last records are not signed yet". */
const UNSEALED = 3;

export async function auditVerify({ flags, io, all, keysOf }: AuditTask): Promise<number> {
  const trusted = flags.trusted === undefined ? [] : [await readFile(String(flags.trusted), 'utf8')];
  let worst: number = exitCodes.ok;
  const results: object[] = [];
  for (const log of all.logs) {
    const { replica, directory, gateway } = log;
    // Of a log that is being written, what is not signed yet is signed first: otherwise nothing could be said of its end.
    if (gateway !== undefined) await gateway.ask('/audit/checkpoint', {});
    let told = 0;
    const result = await verifyLog({
      directory,
      keys: keysOf(log),
      trusted,
      onProgress: ({ bytes, totalBytes }) => {
        const percent = Math.floor((bytes / totalBytes) * 100);
        if (io.stderr.isTTY !== true || percent < told + 5) return;
        told = percent;
        io.stderr.write(`\r${replica}: ${percent} %`);
      },
    });
    if (told > 0) io.stderr.write('\r\u001b[K');
    const { status, size, findings, warnings } = result;
    await gateway?.ask('/audit/verified', { status, size, findings: findings.length });
    worst =
      status === 'broken' ? exitCodes.failure : status === 'unsealed' && worst === exitCodes.ok ? UNSEALED : worst;
    results.push({ replica, ...result });
    if (flags.json === true) continue;
    print(io.stdout, `${replica}: ${status}, ${size} records, ${result.signedSize} of them signed (${result.origin})`);
    for (const { code, message, seq } of findings) print(io.stdout, `  ${code}${at(seq)}: ${oneLine(message)}`);
    for (const { code, message, seq } of warnings) print(io.stdout, `  note ${code}${at(seq)}: ${oneLine(message)}`);
  }
  if (flags.json === true) print(io.stdout, JSON.stringify(results, null, 2));
  return worst;
}

function at(seq: number | undefined): string {
  return seq === undefined ? '' : ` at ${seq}`;
}

export async function auditTail(task: AuditTask): Promise<number> {
  const { flags, io, one } = task;
  if (one === undefined) return needsOne(task);
  const stop = new AbortController();
  const off = io.onSignal(() => stop.abort());
  try {
    const fromSeq = flags.from === undefined ? undefined : Number(flags.from);
    if (fromSeq !== undefined && (!Number.isInteger(fromSeq) || fromSeq < 0)) {
      print(io.stderr, `--from is the number of a record, not "${String(flags.from)}".`);
      return exitCodes.usage;
    }
    const options = { signal: stop.signal, ...(fromSeq === undefined ? {} : { fromSeq }) };
    for await (const record of tailRecords({ directory: one.directory }, options)) show(task, record);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    off();
  }
  return exitCodes.ok;
}

export async function auditQuery(task: AuditTask): Promise<number> {
  const { flags, io, one, all } = task;
  if (one === undefined) return needsOne(task);
  const text = (name: 'type' | 'outcome' | 'server' | 'tool' | 'method' | 'exchange'): string | undefined =>
    flags[name] === undefined ? undefined : String(flags[name]);
  const limit = flags.limit === undefined ? 100 : Number(flags.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) {
    print(io.stderr, `--limit is a number from 1 to 10000, not "${String(flags.limit)}".`);
    return exitCodes.usage;
  }
  const times = ['since', 'until'] as const;
  for (const name of times)
    if (flags[name] !== undefined && Number.isNaN(Date.parse(String(flags[name])))) {
      print(io.stderr, `--${name} is a time such as 2026-11-24T10:00Z, not "${String(flags[name])}".`);
      return exitCodes.usage;
    }
  const subject = flags.subject === undefined ? undefined : readSubject(String(flags.subject));
  const answer = subject && ((await askWriter(all, one, '/audit/pseudonym', subject)) as { pseudonym: string | null });
  const split = (value: string | undefined): string[] | undefined => value?.split(',');
  const found = await withIndex(
    one,
    async (index) => {
      const refs = answer && (answer.pseudonym === null ? [] : index!.refsOf(answer.pseudonym));
      return index!.query({
        limit,
        ...defined({
          types: split(text('type')),
          outcomes: split(text('outcome')),
          server: text('server'),
          name: text('tool'),
          method: text('method'),
          exchange: text('exchange'),
          sinceMs: flags.since === undefined ? undefined : Date.parse(String(flags.since)),
          untilMs: flags.until === undefined ? undefined : Date.parse(String(flags.until)),
          refs,
        }),
      });
    },
    true,
  );
  if (flags.json === true) print(io.stdout, JSON.stringify(found, null, 2));
  else for (const record of found) show(task, record);
  return exitCodes.ok;
}

function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as never;
}

export async function auditProof(task: AuditTask): Promise<number> {
  const { words, io, one, keysOf } = task;
  if (one === undefined) return needsOne(task);
  const [id] = words;
  if (id === undefined) {
    print(io.stderr, `Which record? ${io.program} audit proof <id or number>`);
    return exitCodes.usage;
  }
  await one.gateway?.ask('/audit/checkpoint', {});
  const record = /^\d{1,15}$/.test(id) ? Number(id) : id;
  const proof = await proveRecord({ directory: one.directory, keys: keysOf(one), record });
  print(io.stdout, JSON.stringify(proof, null, 2));
  return exitCodes.ok;
}

export async function auditReport(task: AuditTask): Promise<number> {
  const { words, flags, io, one, keys, keysOf } = task;
  if (one === undefined) return needsOne(task);
  if (words[0] !== 'soc2') {
    print(io.stderr, `Known: ${io.program} audit report soc2 [--since <time>] [--until <time>]`);
    return exitCodes.usage;
  }
  await one.gateway?.ask('/audit/checkpoint', {});
  const nowMs = io.now();
  const toMs = flags.until === undefined ? nowMs : Date.parse(String(flags.until));
  const fromMs = flags.since === undefined ? toMs - 90 * 86_400_000 : Date.parse(String(flags.since));
  if (Number.isNaN(toMs) || Number.isNaN(fromMs) || fromMs >= toMs) {
    print(io.stderr, '--since and --until are times such as 2026-08-01, the first before the second.');
    return exitCodes.usage;
  }
  const signer = ed25519Signer({ ...keys, name: `${keys.origin}/${one.replica}` });
  const pack = await reportSoc2({ directory: one.directory, keys: keysOf(one), signer, fromMs, toMs, nowMs });
  print(io.stdout, JSON.stringify(pack, null, 2));
  return exitCodes.ok;
}

/** A record in one line for a person; as it is for a program. */
function show({ flags, io }: AuditTask, record: AuditRecord): void {
  if (flags.json === true) return print(io.stdout, JSON.stringify(record));
  const { t, seq, type, outcome = '', target, ex, res, detail } = record;
  const about = [target?.server, target?.name ?? target?.method].filter((part) => part !== undefined).join(' ');
  const took = res?.ms === undefined ? '' : ` ${res.ms} ms`;
  const why = detail?.['reason'] === undefined ? '' : ` (${String(detail['reason'])})`;
  const phase = ex?.phase === 'intent' ? ' …' : '';
  print(
    io.stdout,
    oneLine(
      `${String(seq).padStart(7)} ${new Date(t).toISOString()} ${type}${phase} ${outcome} ${about}${took}${why}`,
      400,
    ),
  );
}
