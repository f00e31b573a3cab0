import { isAbsolute, resolve } from 'node:path';
import type { SandboxProfile } from '@sekisho/sandbox';
import { sandboxProfileSchema } from '@sekisho/sandbox/config';
import { z } from 'zod';
import type { BoxLaunch } from './box-launch.ts';
import type { Filling } from './filling.ts';
import { isRecord } from './formats/document.ts';
import type { ServerEntry } from './formats/server-entry.ts';
import { stricterOf, withDefaults } from './merge-sandbox.ts';
import { configWarning, type ConfigProblem } from './problem.ts';
import type { ServerSandbox } from './sandbox-settings.ts';
import { isSecretVariable } from './secret-set.ts';
import { isOwnName } from './values.ts';

const at = ['x-sekisho', 'sandbox'];

/** Makes the box of a server out of the root's defaults, its own section, and the block that VS Code keeps. */
export async function resolveBox(
  entry: ServerEntry,
  own: ServerSandbox | undefined,
  /** Variables that the entry declares; the box gets these and no others. */
  declared: Readonly<Record<string, string>>,
  /** As the entry names it; absent where it names none. */
  cwd: string | undefined,
  filling: Filling,
): Promise<{ launch: BoxLaunch; problems: ConfigProblem[] }> {
  const {
    endOnPlaceholder: _e,
    proofLifeMs: _p,
    registry: _r,
    pythonIndex: _i,
    container: _c,
    ...defaults
  } = filling.defaults.sandbox ?? {};
  const { workspaceFolder } = filling;
  const configured = anchored(withDefaults(await fillSandbox(own ?? {}, filling), defaults), workspaceFolder);
  const problems: ConfigProblem[] = [];
  const client = readClientBlocks(entry, filling, problems);
  const filled = client === undefined ? undefined : anchored(await fillSandbox(client, filling), workspaceFolder);
  const { sandbox, differing } =
    filled === undefined ? { sandbox: configured, differing: [] } : stricterOf(configured, filled);
  if (differing.length > 0) {
    const message = `"sandbox" of the client and "x-sekisho.sandbox" differ in ${differing.join(', ')}; the stricter counts.`;
    problems.push(configWarning('WARN_CONFIG_NOT_APPLIED', entry.document.place([...entry.path, 'sandbox']), message));
  }
  const { backend, iUnderstand: _sentence, env: written = {}, ...rest } = sandbox;
  const { env, secrets } = await readVariables(written, filling);
  const profile = {
    ...rest,
    env: { ...declared, ...env },
    ...(rest.cwd === undefined && cwd !== undefined ? { cwd } : {}),
  } as SandboxProfile;
  return { launch: { profile, directory: workspaceFolder, none: backend === 'none', secrets }, problems };
}

/** Fills in `${...}`. The section of the root was filled in where it stands, and is never taken apart again. */
async function fillSandbox(sandbox: ServerSandbox, { fill }: Filling): Promise<ServerSandbox> {
  const lists = async (section: object, ...keys: string[]): Promise<Record<string, string[]>> => {
    const filled: Record<string, string[]> = {};
    for (const [key, items] of Object.entries(section as Record<string, string[]>)) {
      filled[key] = [];
      for (const [index, item] of items.entries())
        filled[key].push(await fill(item, ...at, ...keys, key, String(index)));
    }
    return filled;
  };
  const env: Variables = {};
  for (const [name, value] of Object.entries(sandbox.env ?? {}))
    env[name] = typeof value === 'string' ? await fill(value, ...at, 'env', name) : value;
  return {
    ...sandbox,
    ...(sandbox.filesystem === undefined ? {} : { filesystem: await lists(sandbox.filesystem, 'filesystem') }),
    ...(sandbox.network === undefined ? {} : { network: await lists(sandbox.network, 'network') }),
    ...(sandbox.env === undefined ? {} : { env }),
    ...(sandbox.cwd === undefined ? {} : { cwd: await fill(sandbox.cwd, ...at, 'cwd') }),
  };
}

/** Lets relative paths count from the folder of the project, as everywhere else in the file. */
function anchored(sandbox: ServerSandbox, folder: string): ServerSandbox {
  const path = (text: string): string =>
    isAbsolute(text) || text === '~' || text.startsWith('~/') ? text : resolve(folder, text);
  const { filesystem, cwd } = sandbox;
  const entries = Object.entries(filesystem ?? {}).map(([key, items]) => [key, (items ?? []).map(path)]);
  return {
    ...sandbox,
    ...(filesystem === undefined ? {} : { filesystem: Object.fromEntries(entries) as typeof filesystem }),
    ...(cwd === undefined ? {} : { cwd: path(cwd) }),
  };
}

type Variables = NonNullable<ServerSandbox['env']>;

async function readVariables(
  written: Variables,
  { fill, stop, env: environment, secrets: hidden }: Filling,
): Promise<{ env: NonNullable<SandboxProfile['env']>; secrets: Record<string, string> }> {
  const env: Record<string, NonNullable<SandboxProfile['env']>[string]> = {};
  const secrets: Record<string, string> = {};
  for (const [name, value] of Object.entries(written)) {
    const keys = [...at, 'env', name];
    if (value === true) {
      if (isOwnName(name))
        stop(
          'ERR_CONFIG_REFERENCE',
          `"${name}" belongs to Sekisho itself and is never handed to a server.`,
          undefined,
          ...keys,
        );
      const passed = environment[name];
      if (passed === undefined) continue;
      if (isSecretVariable(name, passed)) hidden.add(passed);
      env[name] = passed;
    } else if (typeof value === 'string') env[name] = value;
    else {
      const { secret, broker } = value;
      secrets[secret] = await fill(`\${secret:${secret}}`, ...keys);
      env[name] = broker === undefined ? { secret } : { secret, broker };
    }
  }
  return { env, secrets };
}

const clientBlock = z.object({
  filesystem: sandboxProfileSchema.shape.filesystem,
  network: sandboxProfileSchema.shape.network,
});

/** `sandbox` as VS Code has it, at the root of the file and in the entry. It means the same as ours, so it is one more list of it. */
function readClientBlocks(
  { document, path, raw }: ServerEntry,
  { stop }: Filling,
  problems: ConfigProblem[],
): ServerSandbox | undefined {
  const blocks = [
    { value: raw['sandbox'], place: [...path, 'sandbox'] },
    { value: document.value['sandbox'], place: ['sandbox'] },
  ].filter(({ value }) => isRecord(value));
  const [first, second] = blocks.map(({ value, place }) => {
    const parsed = clientBlock.safeParse(value);
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!;
      return stop(
        'ERR_CONFIG_SETTING',
        `its "sandbox" cannot be applied: "${issue.path.map(String).join('.')}" ${issue.message}.`,
        'Correct it: what cannot be read cannot be held.',
        'sandbox',
      );
    }
    const unknown = Object.keys(value as object).filter((key) => !(key in clientBlock.shape));
    if (unknown.length > 0) {
      const message = `"sandbox" has keys that Sekisho does not know: ${unknown.map((key) => `"${key}"`).join(', ')}.`;
      problems.push(configWarning('WARN_CONFIG_NOT_APPLIED', document.place(place), message));
    }
    return parsed.data;
  });
  return first === undefined ? undefined : withDefaults(first, second ?? {});
}
