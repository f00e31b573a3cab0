import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { replacePrivate } from '../private-file.ts';

const isolationSchema = z.strictObject({
  kind: z.enum(['server', 'principal', 'all']),
  /** Of the server or principal; empty for all. */
  name: z.string(),
  reason: z.string(),
  sinceMs: z.number(),
});
const fileSchema = z.strictObject({ v: z.literal(1), isolations: z.array(isolationSchema) });

/** Something that is cut off until it is released. */
export type Isolation = z.infer<typeof isolationSchema>;
export type IsolationKind = Isolation['kind'];

/** The list cannot be read, so nobody knows what is to be cut off. */
export class IsolationError extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'IsolationError';
  }
}

export function isolationsFile(stateFolder: string): string {
  return join(stateFolder, 'isolations.json');
}

/** @throws IsolationError where the file is there and cannot be read: what it says must not be guessed */
export async function readIsolations(stateFolder: string): Promise<Isolation[]> {
  const path = isolationsFile(stateFolder);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new IsolationError(`${path} cannot be read.`, { cause });
  }
  const parsed = fileSchema.safeParse(parseJson(text));
  if (!parsed.success)
    throw new IsolationError(`${path} is not a list of isolations. Restore it, or remove it to release all.`);
  return parsed.data.isolations;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Puts another list in place at once: every process that shares the folder sees the old one or the new one. */
export async function writeIsolations(stateFolder: string, isolations: readonly Isolation[]): Promise<void> {
  const text = `${JSON.stringify({ v: 1, isolations }, null, 2)}\n`;
  await replacePrivate(isolationsFile(stateFolder), text);
}

/** Adds one, or makes it again with another reason. */
export function withIsolation(list: readonly Isolation[], added: Isolation): Isolation[] {
  return [...withoutIsolation(list, added.kind, added.name), added];
}

export function withoutIsolation(list: readonly Isolation[], kind: IsolationKind, name: string): Isolation[] {
  return list.filter((one) => one.kind !== kind || one.name !== name);
}
