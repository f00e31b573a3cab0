import { arch, cpus, release } from 'node:os';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Three digits are more than a shared machine can promise. */
export function rate(perSecond: number): string {
  return perSecond >= 1e6 ? `${(perSecond / 1e6).toFixed(2)}M` : `${(perSecond / 1e3).toFixed(1)}k`;
}

export function machine(): string {
  const [first] = cpus();
  return `Node ${process.versions.node}, Linux ${release().split('-')[0]} ${arch()}, ${cpus().length} x ${first?.model ?? 'CPU'}, shared with other work`;
}

/** Seconds of processor that this process has used. Other work on the machine does not count, unlike on the wall clock. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
