/**
 * The end of a line is written by the chain and has a fixed form, so that a reader can find it from the back without
 * parsing JSON: `,"stream":"S","n":N,"seq":N,"prev":"64 hex"}`.
 */
export interface RecordTail {
  stream: string;
  n: number;
  seq: number;
  prev: string;
}

/** Largest line without its newline. An entry bundle of tlog-tiles has 16 bits for the length. */
export const MAX_LINE_BYTES = 65_535;

/** `prev` of the first record of a chain. */
export const GENESIS_PREV = '0'.repeat(64);

/** Stream of the lines the log writes on its own account while it commits; these are not counted. */
export const LOG_STREAM = 'log';

const TAIL =
  /,"stream":"([a-z0-9_-]{1,32})","n":(0|[1-9][0-9]{0,15}),"seq":(0|[1-9][0-9]{0,15}),"prev":"([0-9a-f]{64})"\}$/;
const TAIL_WINDOW = 200;

export function formatTail(seq: number, prev: string): string {
  return `,"seq":${seq},"prev":"${prev}"}\n`;
}

/** Reads the tail of a line given without its newline; undefined when it does not have the form. */
export function parseTail(line: Buffer): RecordTail | undefined {
  const match = TAIL.exec(line.toString('latin1', Math.max(0, line.length - TAIL_WINDOW)));
  if (!match) return undefined;
  return { stream: match[1]!, n: Number(match[2]), seq: Number(match[3]), prev: match[4]! };
}

const HEAD = /^\{"v":1,"t":(0|[1-9][0-9]{0,15}),"type":"([a-z0-9_.]{1,160})"/;

/** Reads time and type from the start of a line; undefined when it does not have the form. */
export function parseHead(line: Buffer): { t: number; type: string } | undefined {
  const match = HEAD.exec(line.toString('latin1', 0, TAIL_WINDOW));
  return match ? { t: Number(match[1]), type: match[2]! } : undefined;
}
