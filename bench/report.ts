import { cpus, release, totalmem, type as systemType } from 'node:os';
import type { ColdStart } from './cold-start.ts';
import type { Measurement, Row } from './measure.ts';
import type { MemoryUse } from './memory.ts';
import { pinning } from './process.ts';

export interface Results {
  readonly calls: readonly Measurement[];
  readonly coldStart: readonly ColdStart[];
  readonly memory: readonly MemoryUse[];
  readonly command: string;
  readonly repetitions: number;
  /** Day of the run, as YYYY-MM-DD. */
  readonly day: string;
  /** Load average of the last minute before the run: what else the machine had to do. */
  readonly loadBefore: number;
}

const number = (value: number, digits: number): string => (Number.isFinite(value) ? value.toFixed(digits) : '-');

export function gatewaySection(results: Results): string {
  return [
    '## The gateway',
    `Run on ${results.day} with \`${results.command}\`: ${machine()}, load average ${number(results.loadBefore, 1)} before the run; ${pinning}. Each figure is the median of ` +
      `${results.repetitions} repetitions with all targets in turn; a ratio is the median of the ratios of neighbouring ` +
      'runs to the bare byte proxy. Every answer was checked for its caller’s own token. CPU is that of the process ' +
      'under test without its upstreams, in milliseconds for 1000 calls; `direct` has no process in between.',
    ...results.calls.map(measurementTable),
    coldStartTable(results.coldStart),
    memoryTable(results.memory),
    goalsTable(results),
  ].join('\n\n');
}

function machine(): string {
  const [cpu] = cpus();
  const gigabytes = Math.round(totalmem() / 1e9);
  return `${cpus().length} x ${cpu?.model.trim() ?? 'unknown CPU'}, ${gigabytes} GB, ${systemType()} ${release()}, Node ${process.versions.node}`;
}

function measurementTable({ title, rows }: Measurement): string {
  const direct = rows.find(({ id }) => id === 'direct');
  // What a layer adds is told against the routing alone, everything else against no process in between.
  const floor = direct ?? (rows[0]?.id === 'layers' ? rows.at(-1) : undefined);
  const lines = rows.map((row) => {
    const added = floor === undefined || row === floor ? '-' : number(row.p50Ms - floor.p50Ms, 2);
    return `| ${row.label} | ${number(row.cpuMs, 0)} | ${number(row.cpuRatio, 2)} | ${number(row.p50Ms, 2)} | ${added} | ${number(row.p99Ms, 2)} |`;
  });
  return [
    `### ${title}`,
    '',
    '| target | CPU | ratio | p50 ms | added p50 ms | p99 ms |',
    '|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

function coldStartTable(rows: readonly ColdStart[]): string {
  const lines = rows.map(({ label, ms, ratio }) => `| ${label} | ${number(ms, 0)} | ${number(ratio, 2)} |`);
  return [
    '### Cold start: 10 stdio servers, to the list of 500 tools',
    '',
    '| way | ms | ratio |',
    '|---|---|---|',
    ...lines,
  ].join('\n');
}

function memoryTable(rows: readonly MemoryUse[]): string {
  const lines = rows.map(({ label, kilobytes }) => `| ${label} | ${number(kilobytes, 0)} |`);
  return ['### Memory: 100 idle legacy sessions', '', '| target | kB a session |', '|---|---|', ...lines].join('\n');
}

/** A goal with what was measured for it. */
function goalsTable(results: Results): string {
  const find = (part: string, id: string): Row | undefined =>
    results.calls.find(({ title }) => title.includes(part))?.rows.findLast((row) => row.id === id);
  const p50 = (part: string, id: string): number => find(part, id)?.p50Ms ?? Number.NaN;
  const ratio = (part: string): number => find(part, 'sekisho')?.cpuRatio ?? Number.NaN;
  const goals: readonly (readonly [string, number, number, string])[] = [
    ['CPU of an echoed call, legacy, to the bare proxy', ratio('Echoed call, legacy, 32'), 1.15, 'x'],
    ['CPU of an echoed call, modern, to the bare proxy', ratio('Echoed call, modern, 32'), 1.15, 'x'],
    ['CPU of an echoed call, stdio upstream, to the bare proxy', ratio('stdio upstream'), 0.8, 'x'],
    ['CPU of a 100 kB result, to the bare proxy', ratio('100 kB'), 1.15, 'x'],
    ['CPU of a list of 500 tools, to one echoed call', ratio('List of 500'), 2, 'x'],
    ['Cold start, first ever, to the processes side by side', results.coldStart.at(-2)?.ratio ?? Number.NaN, 1.15, 'x'],
    ['Cold start, with a remembered catalogue, to the same', results.coldStart.at(-1)?.ratio ?? Number.NaN, 1.15, 'x'],
    [
      'CPU of an echoed call with everything on, to routing alone',
      find('Layer by layer, modern, 32', 'layers')?.cpuRatio ?? Number.NaN,
      1.4,
      'x',
    ],
    [
      'Latency that everything on adds to routing alone, p50, one client',
      p50('Layer by layer, modern, 1 client', 'layers') - p50('Layer by layer, modern, 1 client', 'sekisho'),
      0.4,
      ' ms',
    ],
    ['Memory of an idle session', results.memory.at(-1)?.kilobytes ?? Number.NaN, 60, ' kB'],
  ];
  const lines = goals.map(([name, measured, goal, unit]) => {
    const verdict = Number.isFinite(measured) ? (measured <= goal ? 'reached' : 'missed') : 'not measured';
    return `| ${name} | at most ${goal}${unit} | ${number(measured, 2)}${unit} | ${verdict} |`;
  });
  return ['### Goals', '', '| what | goal | measured | |', '|---|---|---|---|', ...lines].join('\n');
}
