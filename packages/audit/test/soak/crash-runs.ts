import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { makeDirectory, openLog, recordsOf, verifyBoth, vkeyOf } from '../kit.ts';

export interface CrashReport {
  kills: number;
  acknowledged: number;
  records: number;
  /** Acknowledged records that are not in the log. */
  lost: number;
  /** Verifications after a restart that were not intact, by either verifier. */
  falseAlarms: number;
  /** Verifications right after the kill, before any repair, that claimed tampering. */
  falseAlarmsBeforeRepair: number;
  tornTails: number;
  /** Strict exchanges whose intent was acknowledged and that have not exactly one terminal record. */
  wrongTerminals: number;
  segments: number;
}

const writer = fileURLToPath(new URL('./crash-writer.ts', import.meta.url));

/** Kills a writer under load again and again, and looks at what it left. `random` gives 0 to 1. */
export async function crashRuns(
  kills: number,
  random: () => number,
  options: { verifyEach: number; onRun?: (run: number) => void },
): Promise<CrashReport> {
  const directory = join(makeDirectory(), 'log');
  const ackPath = join(makeDirectory(), 'acks');
  const key = await vkeyOf();
  const report: CrashReport = {
    kills: 0,
    acknowledged: 0,
    records: 0,
    lost: 0,
    falseAlarms: 0,
    falseAlarmsBeforeRepair: 0,
    tornTails: 0,
    wrongTerminals: 0,
    segments: 0,
  };
  for (let run = 0; run < kills; run += 1) {
    const child = spawn(process.execPath, ['--conditions=@sekisho/source', writer, directory, ackPath], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    const exited = once(child, 'exit');
    const before = existsSync(ackPath) ? readFileSync(ackPath, 'utf8').split('opened').length : 1;
    // Sometimes it is killed while it opens and mends, mostly under load.
    if (random() < 0.85)
      while (
        child.exitCode === null &&
        (!existsSync(ackPath) || readFileSync(ackPath, 'utf8').split('opened').length === before)
      )
        await wait(5);
    await wait(random() * 250);
    child.kill('SIGKILL');
    const [code] = (await exited) as [number | null];
    if (code !== null) throw new Error(`the writer ended by itself: ${complaint}`);
    report.kills += 1;
    if ((run + 1) % options.verifyEach === 0 || run + 1 === kills) {
      if (existsSync(join(directory, 'checkpoint')) && (await verifyBoth(directory, [key])).status === 'broken')
        report.falseAlarmsBeforeRepair += 1;
      const log = await openLog({ directory, now: Date.now });
      if (log.recovery?.torn) report.tornTails += 1;
      await log.close();
      if ((await verifyBoth(directory, [key])).status !== 'intact') report.falseAlarms += 1;
    }
    options.onRun?.(run + 1);
  }
  const lines = readFileSync(ackPath, 'utf8').split('\n');
  const idsOf = (word: string): string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const records = recordsOf(directory) as { id: string; ex?: { id: string; phase: string }; segment?: object }[];
  const present = new Set(records.map(({ id }) => id));
  // The file of acknowledgements is cut by the kill as well: its very last line may be torn.
  const acknowledged = idsOf('ack').filter((id) => id.length === 36);
  report.acknowledged = acknowledged.length;
  report.records = records.length;
  report.lost = acknowledged.filter((id) => !present.has(id)).length;
  report.segments = records.filter(({ segment }) => segment).length;
  const terminals = new Map<string, number>();
  for (const { ex } of records) if (ex?.phase === 'terminal') terminals.set(ex.id, (terminals.get(ex.id) ?? 0) + 1);
  const intents = records.filter(({ ex }) => ex?.phase === 'intent').map(({ ex }) => ex!.id);
  report.wrongTerminals = [...new Set([...intents, ...idsOf('intent').filter((id) => id.length === 32)])].filter(
    (id) => terminals.get(id) !== 1,
  ).length;
  return report;
}
