#!/usr/bin/env node
/**
 * The second opinion: verifies the log of one replica with code of its own. It imports nothing but Node and the few
 * small files beside it, shares no line with the writer, and is short enough to be read before it is trusted.
 *
 *   sekisho-audit-verify <directory> --key <vkey> [--key ...] [--trusted <file of signed notes> ...] [--quiet] [--json]
 *
 * Exit codes: 0 intact, 1 broken, 2 could not run, 3 unsealed (nothing wrong found, but the last records are not signed yet).
 */
import { hash } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Counters } from './counters.ts';
import { readKey, readNote } from './signed-note.ts';
import type { Note } from './signed-note.ts';
import { Tree } from './tree.ts';

const problems: string[] = [];
const remarks: string[] = [];
const bad = (text: string): void => void problems.push(text);

function usage(text: string): never {
  process.stderr.write(
    `${text}\nusage: sekisho-audit-verify <directory> --key <vkey> [--trusted <file>] [--quiet] [--json]\n`,
  );
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        key: { type: 'string', multiple: true, default: [] },
        trusted: { type: 'string', multiple: true, default: [] },
        quiet: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

const { values: flags, positionals } = readArguments();

const directory = positionals[0] ?? usage('a directory is needed');
if (flags.key.length === 0) usage('a key is needed: without one anybody can make a log that fits');
function readKeys(): ReturnType<typeof readKey>[] {
  try {
    return flags.key.map(readKey);
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}
const keys = readKeys();

const tree = new Tree();
const expected = new Map<number, string>();
let next = 0;
let prev = '0'.repeat(64);
let first = 0;
let origin = '';
let lastTime = 0;
let started = false;
let cleanStop = false;
const inside: Note[] = [];
const purges: { seq: number; before: number }[] = [];
let counters = new Counters(true);

function expectNote(what: string, text: string): Note | undefined {
  const note = readNote(text, keys);
  if (typeof note === 'string') bad(`${what}: ${note}`);
  else if ((expected.get(note.size) ?? note.root) !== note.root)
    bad(`${what}: fork, another signed checkpoint of size ${note.size} has another root`);
  else expected.set(note.size, note.root);
  return typeof note === 'string' ? undefined : note;
}

function endRun(): void {
  for (const text of counters.missing()) {
    if (cleanStop) bad(`gap: ${text}`);
    else remarks.push(`gap in a run that did not end orderly: ${text}`);
  }
}

interface Special {
  type: string;
  stream: string;
  note?: string;
  gap?: { stream: string; ranges: [number, number][]; count: number; reason: string };
  detail?: { before_seq?: number };
}

function special(record: Special): void {
  if (record.type === 'audit.checkpoint') {
    const note = readNote(String(record.note), keys);
    if (typeof note === 'string') return bad(`record ${next}: checkpoint: ${note}`);
    if (note.size !== next || note.root !== tree.root()) bad(`record ${next}: checkpoint states another tree`);
    inside.push(note);
    if (inside.length > 2) inside.shift();
  } else if (record.type === 'audit.started' && record.stream !== 'log') {
    endRun();
    counters = new Counters(true);
    cleanStop = false;
  } else if (record.type === 'audit.stopped') cleanStop = true;
  else if (record.type === 'gdpr.retention_purge') purges.push({ seq: next, before: record.detail?.before_seq ?? 0 });
  else if (record.type === 'audit.clock_jump') remarks.push(`record ${next}: the writer noticed a clock jump`);
  const ranges = record.gap?.ranges;
  if (record.gap && Array.isArray(ranges)) {
    remarks.push(
      `record ${next}: ${record.gap.count} records of ${record.gap.stream} were not taken (${record.gap.reason})`,
    );
    // Whoever may write to the file may have written this line, so its shape is not taken for granted.
    for (const range of ranges as unknown[]) {
      const [from, to] = Array.isArray(range) ? (range as unknown[]) : [];
      if (Number.isSafeInteger(from) && Number.isSafeInteger(to))
        counters.account(record.gap.stream, Number(from), Number(to));
    }
  }
}

const LINE = /^\{"v":1,"t":(\d{1,16}),"type":"([a-z0-9_.]+)"/;
const TAIL = /,"stream":"([a-z0-9_-]{1,32})","n":(\d{1,16}),"seq":(\d{1,16}),"prev":"([0-9a-f]{64})"\}$/;

/** `buffer[start - 1]` is lent for the leaf prefix. False: stop. */
function line(buffer: Buffer, start: number, end: number, isFirst: boolean): boolean {
  const head = LINE.exec(buffer.toString('latin1', start, Math.min(end, start + 90)));
  const tail = TAIL.exec(buffer.toString('latin1', Math.max(start, end - 160), end));
  if (!head || !tail || end - start > 65_535) return (bad(`record ${next}: malformed line`), false);
  const isSpecial = /^(audit\.|gdpr\.retention)/.test(head[2]!);
  let record: (Special & { segment?: { size: number; frontier: string[]; origin: string; chain: string } }) | undefined;
  try {
    if (isFirst || isSpecial) record = JSON.parse(buffer.toString('utf8', start, end));
  } catch {
    return (bad(`record ${next}: not JSON`), false);
  }
  if (isFirst && !segmentStart(record?.segment, tail[4]!)) return false;
  if (Number(tail[3]) !== next) return (bad(`record ${next}: number ${tail[3]} is there instead`), false);
  if (tail[4] !== prev) return (bad(`record ${next}: does not follow the record before it`), false);
  const time = Number(head[1]);
  if (time < lastTime - 5000) remarks.push(`record ${next}: the clock went back by ${lastTime - time} ms`);
  lastTime = time;
  if (record && isSpecial) special(record);
  if (tail[1] !== 'log' && !counters.count(tail[1]!, Number(tail[2])))
    bad(`record ${next}: counter ${tail[1]} went back`);
  prev = hash('sha256', buffer.subarray(start, end), 'hex');
  buffer[start - 1] = 0;
  tree.add(hash('sha256', buffer.subarray(start - 1, end), 'binary'));
  next += 1;
  const root = expected.get(next);
  if (root !== undefined && root !== tree.root())
    bad(`size ${next}: the root is not the signed one (changed or forked)`);
  expected.delete(next);
  return true;
}

function segmentStart(
  segment: { size: number; frontier: string[]; origin: string; chain: string } | undefined,
  statedPrev: string,
): boolean {
  if (segment?.size !== next || !Array.isArray(segment.frontier))
    return (bad(`record ${next}: not the first record of a segment`), false);
  if (!started && next > 0) {
    // Retention removed what was before. These hashes prove themselves: later signatures fit only if they are true.
    prev = statedPrev;
    counters = new Counters(false);
    if (!tree.resume(next, segment.frontier)) return (bad(`record ${next}: malformed tree state`), false);
  }
  if (tree.state().join() !== segment.frontier.join())
    return (bad(`record ${next}: segment states another tree`), false);
  const name = `${segment.origin} ${segment.chain}`;
  if (origin !== '' && origin !== name) return (bad(`record ${next}: segment of another log`), false);
  if (!keys.some((key) => key.name === segment.origin)) bad(`no key for origin ${segment.origin}`);
  origin = name;
  started = true;
  return true;
}

const ROOM = 65_537;

/** Returns false when the log cannot be followed further. */
function segmentFile(path: string, isLast: boolean): boolean {
  const file = openSync(path, 'r');
  const buffer = Buffer.alloc(ROOM + (1 << 22));
  let kept = 0;
  let isFirst = true;
  try {
    for (;;) {
      const got = readSync(file, buffer, ROOM, buffer.length - ROOM, null);
      if (got === 0) break;
      let start = ROOM - kept;
      for (let end = buffer.indexOf(10, ROOM); end >= 0 && end < ROOM + got; end = buffer.indexOf(10, start)) {
        if (!line(buffer, start, end, isFirst)) return false;
        isFirst = false;
        start = end + 1;
      }
      kept = ROOM + got - start;
      if (kept >= ROOM) return (bad(`record ${next}: line too long`), false);
      buffer.copy(buffer, ROOM - kept, start, ROOM + got);
    }
  } finally {
    closeSync(file);
  }
  if (kept === 0 && !isFirst) return true;
  if (isLast) remarks.push(`torn tail of ${kept} bytes`);
  else bad(`${path}: does not end with a whole line`);
  return isLast;
}

function run(): number {
  const checkpointPath = join(directory, 'checkpoint');
  const file = existsSync(checkpointPath)
    ? expectNote('checkpoint file', readFileSync(checkpointPath, 'utf8'))
    : undefined;
  if (!existsSync(checkpointPath)) bad('no checkpoint file');
  for (const path of flags.trusted) {
    const notes = readFileSync(path, 'utf8').match(/[^]*?\n\n(?:\u2014 [^\n]*\n)+/g) ?? [];
    if (notes.length === 0) bad(`${path}: holds no signed note`);
    for (const note of notes) expectNote(path, note);
  }
  const folder = join(directory, 'segments');
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  if (names.length === 0) bad('no segments');
  const total = names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  let done = 0;
  for (const [i, name] of names.entries()) {
    const from = /^(\d{16})\.jsonl$/.exec(name)?.[1];
    if (from === undefined) {
      bad(`unknown file ${name}`);
      continue;
    }
    if (!started) first = next = Number(from);
    if (Number(from) !== next) {
      bad(`a segment from ${next} on is missing`);
      break;
    }
    if (!segmentFile(join(folder, name), i === names.length - 1)) break;
    done += statSync(join(folder, name)).size;
    if (!flags.quiet && !flags.json)
      process.stderr.write(`\r${next} records, ${((100 * done) / Math.max(1, total)).toFixed(0)} %`);
  }
  if (!flags.quiet && !flags.json) process.stderr.write('\n');
  endRun();
  for (const size of expected.keys()) if (size > next) bad(`truncated: ${size} records were signed, ${next} are there`);
  const purged = Math.max(0, ...purges.filter(({ seq }) => seq < (file?.size ?? 0)).map(({ before }) => before));
  if (first > purged) bad(`records before ${first} are missing and no signed retention record accounts for them`);
  const [older, newest] = inside.length === 2 ? inside : [undefined, inside[0]];
  if (file && older && file.size <= older.size)
    bad(`replayed checkpoint of size ${file.size}: the log holds one of size ${newest!.size}`);
  const sealed = file?.size === next && !remarks.some((text) => text.startsWith('torn'));
  const exitCode = problems.length > 0 ? 1 : sealed ? 0 : 3;
  const status = ['intact', 'broken', '', 'unsealed'][exitCode]!;
  const root = tree.root();
  if (flags.json)
    process.stdout.write(
      `${JSON.stringify({ status, size: next, signedSize: file?.size ?? 0, root, problems, remarks })}\n`,
    );
  else {
    for (const text of remarks.slice(0, 100)) process.stdout.write(`note: ${text}\n`);
    for (const text of problems.slice(0, 100)) process.stdout.write(`PROBLEM: ${text}\n`);
    process.stdout.write(`${status}: records ${first} to ${next}, signed up to ${file?.size ?? 0}, root ${root}\n`);
  }
  return exitCode;
}

try {
  process.exitCode = run();
} catch (error) {
  usage(error instanceof Error ? error.message : String(error));
}
