import { createLineSplitter } from '../src/upstreams/stdio/line-splitter.ts';

function linesOf(pieces: readonly Buffer[]): string[] {
  const lines: string[] = [];
  const splitter = createLineSplitter({ maxLineBytes: 512, onLine: (line) => lines.push(line.toString('latin1')) });
  for (const piece of pieces) if (!splitter.push(piece)) return lines;
  return lines;
}

/** However the bytes are cut, the same lines come out. */
export const target = {
  name: 'lines',
  dictionary: ['\n', '\r\n', '\r', '\n\n'],
  seeds: ['{"a":1}\n{"b":2}\r\n', '\n\n', 'banner\n{"jsonrpc":"2.0"}\n'],
  run(bytes: Buffer): void {
    const half = bytes.length >> 1;
    const whole = linesOf([bytes]);
    const cut = linesOf([bytes.subarray(0, half), bytes.subarray(half)]);
    if (JSON.stringify(whole) !== JSON.stringify(cut)) throw new Error('the lines depend on how the bytes were cut');
    if (whole.some((line) => line.includes('\n') || line.length > 512)) throw new Error('a line that is none');
  },
};
