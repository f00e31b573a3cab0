import { stripVTControlCharacters } from 'node:util';

/** How words are set apart on a terminal. Without colours every function gives back what it was given. */
export type Style = Readonly<Record<'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan', (text: string) => string>>;

export type Terminal = {
  readonly style: Style;
  /** Whether lines can be drawn again: a person watches, and the terminal knows how. */
  readonly live: boolean;
  readonly columns: number;
  readonly rows: number;
};

const codes: Record<keyof Style, readonly [number, number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

export function createTerminal(
  stream: { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number },
  env: Readonly<Record<string, string | undefined>>,
): Terminal {
  const live = stream.isTTY === true && env['TERM'] !== 'dumb';
  const coloured = live && (env['NO_COLOR'] ?? '') === '';
  const paint = ([on, off]: readonly [number, number]): ((text: string) => string) =>
    coloured ? (text) => `\u001B[${on}m${text}\u001B[${off}m` : (text) => text;
  const style = Object.fromEntries(Object.entries(codes).map(([name, code]) => [name, paint(code)])) as Style;
  return { style, live, columns: known(stream.columns) ?? 80, rows: known(stream.rows) ?? 24 };
}

/** A text of somebody else without what would steer the terminal: a server must not draw on our screen. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text).replace(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, '');
}

/** The same, on one line of at most so many characters. */
export function oneLine(text: string, most = 200): string {
  const line = plainText(text.replace(/\s+/g, ' ')).trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

/** A terminal that does not know its size says 0. */
function known(size: number | undefined): number | undefined {
  return size === 0 ? undefined : size;
}
