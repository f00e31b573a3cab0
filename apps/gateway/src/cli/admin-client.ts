import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { adminFolder } from '../admin/token.ts';

const fileSchema = z.object({
  pid: z.int(),
  host: z.string(),
  port: z.int(),
  config: z.string(),
  replica: z.string().nullable(),
});

/** A gateway of this user that runs now, and how its admin port is asked. */
export type RunningGateway = z.infer<typeof fileSchema> & {
  /** Rejects with the gateway's own sentence where it refuses. */
  ask(path: string, body?: object): Promise<unknown>;
};

/** The gateways that answer; files of those that were killed are passed over. */
export async function findGateways(stateFolder: string): Promise<RunningGateway[]> {
  const folder = adminFolder(stateFolder);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files = names.filter((name) => /^\d+-\d+\.json$/.test(name));
  if (files.length === 0) return [];
  const token = (await readFile(join(folder, 'token'), 'utf8')).trim();
  const found = await Promise.all(
    files.map(async (name) => {
      const parsed = fileSchema.safeParse(await readJson(join(folder, name)));
      if (!parsed.success) return undefined;
      const { host, port } = parsed.data;
      const base = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
      const lives = await fetch(`${base}/livez`, { signal: AbortSignal.timeout(2000) }).then(
        (response) => response.ok,
        () => false,
      );
      return lives ? { ...parsed.data, ask: asker(base, token) } : undefined;
    }),
  );
  return found.filter((one) => one !== undefined);
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    // It went away, or is being written: no gateway that can be asked.
    return undefined;
  }
}

function asker(base: string, token: string): RunningGateway['ask'] {
  return async (path, body) => {
    const response = await fetch(new URL(path, base), {
      method: body === undefined ? 'GET' : 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(600_000),
    });
    const answer: unknown = await response.json();
    if (response.ok) return answer;
    const { error } = z
      .object({ error: z.string() })
      .catch({ error: `it answers ${response.status}` })
      .parse(answer);
    throw new Error(error);
  };
}
