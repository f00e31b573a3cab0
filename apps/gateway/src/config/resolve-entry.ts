import { resolve } from 'node:path';
import { stat } from 'node:fs/promises';
import { baseEnvironment } from './child-environment.ts';
import { parseEnvText } from './files.ts';
import { expandSettings } from './expand-settings.ts';
import type { Filling, ResolveOptions } from './filling.ts';
import type { ServerEntry } from './formats/server-entry.ts';
import { configError, configWarning, type ConfigProblem } from './problem.ts';
import { isSecretName, isSecretVariable } from './secret-set.ts';
import { passwordsOfUrl, secretsInArguments } from './secret-words.ts';
import { toRoutingName } from './server-name.ts';
import { readSettings } from './settings.ts';
import { serverSettingsSchema } from './settings-schema.ts';
import type { HttpSpec, StdioSpec, UpstreamSpec } from './upstream-spec.ts';
import { isOwnName } from './values.ts';
import { readHttpLaunch } from './resolve-http.ts';
import { resolveBox } from './resolve-box.ts';
import type { ServerSandbox } from './sandbox-settings.ts';

/** Stops the making of one server; caught where it began, and never further. */
class Unresolved extends Error {
  readonly problem: ConfigProblem;
  constructor(problem: ConfigProblem) {
    super(problem.message);
    this.name = 'Unresolved';
    this.problem = problem;
  }
}

/** Turns an entry into the specification that the gateway runs: references filled in, paths made whole, settings checked. */
export async function resolveEntry(
  entry: ServerEntry,
  options: ResolveOptions,
): Promise<{ spec: UpstreamSpec | undefined; problems: ConfigProblem[] }> {
  const { document, path, name } = entry;
  const problems: ConfigProblem[] = [];
  const stop: Filling['stop'] = (code, message, remedy, ...keys) => {
    throw new Unresolved(configError(code, document.place([...path, ...keys]), message, remedy));
  };
  const fill: Filling['fill'] = async (text, ...keys) => {
    const expanded = await options.expander.expand(text);
    if (!expanded.ok)
      return stop('ERR_CONFIG_REFERENCE', `in "${keys.join('.')}", ${expanded.reason}`, expanded.remedy, ...keys);
    for (const unknown of expanded.unknown) {
      const message = `${unknown} in "${keys.join('.')}" is not an expansion that Sekisho knows; it is passed on as it stands.`;
      problems.push(configWarning('WARN_CONFIG_LITERAL', document.place([...path, ...keys]), message));
    }
    return expanded.value;
  };
  try {
    const at = [...path, 'x-sekisho'];
    // A server that is switched off needs none of its variables.
    const written = entry.enabled
      ? await expandSettings(entry.settings, options.expander, document, at)
      : { value: entry.settings, problems: [] };
    const own = readSettings(serverSettingsSchema, written.value, document, at);
    problems.push(...written.problems, ...own.problems);
    const filling = { ...options, fill, stop };
    const launch = !entry.enabled
      ? unexpanded(entry)
      : entry.launch.kind === 'stdio'
        ? await readStdioLaunch(entry, filling, own.settings?.sandbox, problems)
        : await readHttpLaunch(entry, filling);
    const timeouts = { ...options.defaults.timeouts, ...entry.timeouts, ...own.settings?.timeouts };
    const tools = narrow(entry.tools, own.settings?.tools);
    const routingName = toRoutingName(name);
    if (routingName !== name) {
      const message = `Clients see this server as "${routingName}": its own name has characters that names of tools and addresses cannot have.`;
      problems.push(configWarning('WARN_CONFIG_NOT_APPLIED', document.place(path), message));
    }
    const spec: UpstreamSpec = {
      name: routingName,
      ...launch,
      ...(entry.enabled ? {} : { enabled: false }),
      ...(own.settings?.instructions === undefined ? {} : { instructions: own.settings.instructions }),
      ...(tools === undefined ? {} : { tools }),
      ...(Object.keys(timeouts).length === 0 ? {} : { timeouts: withoutUndefined(timeouts) }),
    };
    const failed = problems.some(({ severity }) => severity === 'error');
    return { spec: failed ? undefined : spec, problems: problems.map((problem) => ({ ...problem, server: name })) };
  } catch (thrown) {
    if (!(thrown instanceof Unresolved)) throw thrown;
    return {
      spec: undefined,
      problems: [...problems, thrown.problem].map((problem) => ({ ...problem, server: name })),
    };
  }
}

async function readStdioLaunch(
  entry: ServerEntry,
  filling: Filling,
  sandbox: ServerSandbox | undefined,
  problems: ConfigProblem[],
): Promise<StdioSpec> {
  const { fill, stop, secrets, workspaceFolder } = filling;
  const { launch } = entry;
  if (launch.kind !== 'stdio') throw new TypeError('not a stdio entry');
  const command = await fill(launch.command, 'command');
  if (command.trim() === '')
    stop('ERR_CONFIG_SERVER', 'Its "command" is empty after the expansion.', undefined, 'command');
  const args: string[] = [];
  for (const [index, argument] of launch.args.entries()) args.push(await fill(argument, 'args', String(index)));
  const cwd = launch.cwd === undefined ? workspaceFolder : resolve(workspaceFolder, await fill(launch.cwd, 'cwd'));
  if (!(await isFolder(cwd)))
    stop('ERR_CONFIG_SERVER', `Its folder ${cwd} does not exist.`, 'Create it, or correct "cwd".', 'cwd');
  const declared = { ...(await readEnvFile(launch.envFile, filling)), ...readNamed(launch.envNames, filling) };
  for (const [variable, value] of Object.entries(launch.env)) declared[variable] = await fill(value, 'env', variable);
  for (const [variable, value] of Object.entries(declared)) {
    if (variable === '' || /[=\0]/.test(variable))
      stop('ERR_CONFIG_SERVER', `"${variable}" cannot be the name of a variable.`, undefined, 'env');
    // Written openly in the file, it is a secret all the same.
    if (isSecretName(variable) && isSecretVariable(variable, value)) secrets.add(value);
  }
  for (const secret of [...secretsInArguments(args), ...[...args, ...Object.values(declared)].flatMap(passwordsOfUrl)])
    secrets.add(secret);
  const box = await resolveBox(entry, sandbox, declared, launch.cwd === undefined ? undefined : cwd, filling);
  problems.push(...box.problems);
  const env = { ...baseEnvironment(filling.env, filling.platform), ...declared };
  return { kind: 'stdio', command, args, env, cwd, launch: box.launch };
}

async function readEnvFile(
  envFile: string | undefined,
  { fill, stop, reader, secrets, workspaceFolder }: Filling,
): Promise<Record<string, string>> {
  if (envFile === undefined) return {};
  const path = resolve(workspaceFolder, await fill(envFile, 'envFile'));
  const read = await reader.read(path, 'config', 1024 * 1024);
  if ('reason' in read)
    return stop(read.code, `Its "envFile" ${path} cannot be used: ${read.reason}.`, read.remedy, 'envFile');
  const values = parseEnvText(read.bytes);
  for (const [variable, value] of Object.entries(values))
    if (isSecretVariable(variable, value)) secrets.add(value, !isSecretName(variable));
  return values;
}

/** Codex's list of names: each is handed on if it is there, and never one of ours. */
function readNamed(names: readonly string[], { env, stop, secrets }: Filling): Record<string, string> {
  const values: Record<string, string> = {};
  for (const name of names) {
    if (isOwnName(name))
      stop(
        'ERR_CONFIG_REFERENCE',
        `"${name}" belongs to Sekisho itself and is never handed to a server.`,
        undefined,
        'env_vars',
      );
    const value = env[name];
    if (value === undefined) continue;
    if (isSecretVariable(name, value)) secrets.add(value, !isSecretName(name));
    values[name] = value;
  }
  return values;
}

function unexpanded({ launch }: ServerEntry): StdioSpec | HttpSpec {
  if (launch.kind === 'http') return { kind: 'http', url: launch.url, transport: launch.transport, headers: {} };
  return { kind: 'stdio', command: launch.command, args: [...launch.args], env: {} };
}

type Filter = { include?: string[] | undefined; exclude?: string[] | undefined };

/** A filter of ours narrows one of the client's further; it never shows again what that one hid. */
function narrow(
  client: Filter | undefined,
  own: Filter | undefined,
): { include?: string[]; exclude?: string[] } | undefined {
  const include =
    client?.include === undefined
      ? own?.include
      : client.include.filter((name) => own?.include?.includes(name) ?? true);
  const exclude = [...(client?.exclude ?? []), ...(own?.exclude ?? [])];
  if (include === undefined && exclude.length === 0) return undefined;
  return { ...(include === undefined ? {} : { include }), ...(exclude.length === 0 ? {} : { exclude }) };
}

function withoutUndefined(timeouts: Record<string, number | undefined>): NonNullable<UpstreamSpec['timeouts']> {
  return Object.fromEntries(Object.entries(timeouts).filter(([, value]) => value !== undefined));
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
