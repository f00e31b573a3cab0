import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Stands in each backup: what is in it, and by which bytes one can tell. */
export const manifestName = 'sekisho-backup.json';

const manifestSchema = z.strictObject({
  format: z.literal(1),
  version: z.string(),
  madeMs: z.number(),
  holds: z.enum(['state', 'subject-keys']),
  files: z.array(z.strictObject({ path: z.string(), bytes: z.int().min(0), sha256: z.string(), mode: z.int() })),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestFile = Manifest['files'][number];

/** A backup that cannot be used, with the reason in words. */
export class BackupError extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'BackupError';
  }
}

/** @throws BackupError where there is no manifest, or one that this version does not understand */
export async function readManifest(folder: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(join(folder, manifestName), 'utf8');
  } catch (cause) {
    throw new BackupError(`${folder} is no backup: it has no ${manifestName}. A backup that was cut short has none.`, {
      cause,
    });
  }
  const parsed = manifestSchema.safeParse(parseJson(text));
  if (!parsed.success)
    throw new BackupError(`The ${manifestName} in ${folder} is not one that this version understands.`);
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Compares every file with what the manifest says of it. @returns what is wrong, one sentence each */
export async function checkBackup(folder: string, { files }: Manifest): Promise<string[]> {
  const faults: string[] = [];
  for (const { path, sha256 } of files) {
    const found = await digestOf(join(folder, path)).catch(() => undefined);
    if (found === undefined) faults.push(`${path} is missing.`);
    else if (found !== sha256) faults.push(`${path} is not what was backed up.`);
  }
  return faults;
}

export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
