import { loadConfig, type LoadedConfig, type LoadResult } from '../config/load.ts';
import { describeProblem, type ConfigProblem } from '../config/problem.ts';
import { createSecretSet } from '../config/secret-set.ts';
import type { AskForInput } from '../config/values.ts';
import type { Invocation } from './arguments.ts';
import { exitCodes } from './commands-table.ts';
import { print, type Io } from './io.ts';
import { findConfigFile, secretsFile } from './locations.ts';
import { plainText } from './terminal.ts';

export type ReadConfig =
  | { readonly ok: true; readonly config: LoadedConfig; readonly load: () => Promise<LoadResult> }
  | { readonly ok: false; readonly exitCode: number };

/** Finds and loads the configuration of a command; says what is wrong where it cannot. */
export async function readConfig({ flags }: Invocation, io: Io, prompt?: AskForInput): Promise<ReadConfig> {
  const found = await findConfigFile(flags, io);
  if ('missing' in found) {
    print(io.stderr, found.missing);
    return { ok: false, exitCode: exitCodes.config };
  }
  const secrets = createSecretSet();
  const { env, home, platform } = io;
  const load = async (): Promise<LoadResult> =>
    await loadConfig({
      file: found.file,
      env,
      home,
      platform,
      secretsFile: secretsFile(flags, io),
      secrets,
      ...(prompt === undefined ? {} : { prompt }),
    });
  const result = await load();
  if (result.ok) return { ok: true, config: result.config, load };
  print(
    io.stderr,
    describeProblems(result.problems, (text) => secrets.mask(text)),
  );
  return { ok: false, exitCode: exitCodes.config };
}

export function describeProblems(problems: readonly ConfigProblem[], mask: (text: string) => string): string {
  return problems.map((problem) => plainText(mask(describeProblem(problem)))).join('\n');
}

/** The same for commands that need no configuration: undefined where there is none, or none that can be used. */
export async function readConfigQuietly(
  { flags }: Pick<Invocation, 'flags'>,
  io: Io,
): Promise<LoadedConfig | undefined> {
  const found = await findConfigFile(flags, io);
  if ('missing' in found) return undefined;
  const { env, home, platform } = io;
  const result = await loadConfig({ file: found.file, env, home, platform, secretsFile: secretsFile(flags, io) });
  return result.ok ? result.config : undefined;
}
