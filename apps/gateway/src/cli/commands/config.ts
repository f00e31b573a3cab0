import { configJsonSchema } from '../../config/json-schema.ts';
import { findNearest } from '../../config/nearest.ts';
import type { Invocation } from '../arguments.ts';
import { exitCodes } from '../commands-table.ts';
import { print, type Io } from '../io.ts';
import { findConfigFile, secretsFile } from '../locations.ts';
import { describeProblems, readConfig } from '../read-config.ts';
import { loadConfig } from '../../config/load.ts';

const actions = ['check', 'print', 'schema'];

/** `sekisho config check|print|schema`. Starts nothing. */
export async function runConfig(invocation: Invocation, io: Io): Promise<number> {
  const action = invocation.positionals[0] ?? 'check';
  switch (action) {
    case 'schema':
      print(io.stdout, JSON.stringify(configJsonSchema(), null, 2));
      return exitCodes.ok;
    case 'print':
      return await printConfig(invocation, io);
    case 'check':
      return await checkConfig(invocation, io);
    default: {
      const nearest = findNearest(action, actions);
      print(
        io.stderr,
        `There is no "config ${action}". ${nearest === undefined ? `Known: ${actions.join(', ')}.` : `Did you mean "${nearest}"?`}`,
      );
      return exitCodes.usage;
    }
  }
}

async function printConfig(invocation: Invocation, io: Io): Promise<number> {
  const read = await readConfig(invocation, io);
  if (!read.ok) return read.exitCode;
  const { config } = read;
  const servers = config.servers.map(
    ({ name, spec, problems }) =>
      spec ?? { name, error: problems.find(({ severity }) => severity === 'error')?.message },
  );
  print(
    io.stdout,
    JSON.stringify(config.secrets.maskDeep({ file: config.file, settings: config.settings, servers }), null, 2),
  );
  return exitCodes.ok;
}

async function checkConfig({ flags }: Invocation, io: Io): Promise<number> {
  const found = await findConfigFile(flags, io);
  if ('missing' in found) {
    print(io.stderr, found.missing);
    return exitCodes.config;
  }
  const { env, home, platform } = io;
  const result = await loadConfig({ file: found.file, env, home, platform, secretsFile: secretsFile(flags, io) });
  const problems = result.ok ? result.config.problems : result.problems;
  const servers = result.ok ? result.config.servers : [];
  const good = servers.filter(({ spec }) => spec !== undefined).length;
  const failed = problems.some(({ severity }) => severity === 'error');
  const mask = (text: string): string => (result.ok ? result.config.secrets.mask(text) : text);
  if (flags.json === true)
    print(
      io.stdout,
      JSON.stringify(
        {
          file: found.file,
          ok: !failed,
          servers: servers.map(({ name, spec }) => ({ name, ok: spec !== undefined })),
          problems,
        },
        null,
        2,
      ),
    );
  else {
    if (problems.length > 0) print(io.stdout, describeProblems(problems, mask));
    print(
      io.stdout,
      result.ok
        ? `${found.file}: ${good} of ${servers.length} servers can be started.`
        : `${found.file}: cannot be used.`,
    );
  }
  return failed ? exitCodes.config : exitCodes.ok;
}
