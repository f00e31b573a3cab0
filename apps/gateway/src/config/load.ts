import { expandSettings } from './expand-settings.ts';
import { checkAuth } from './check-auth.ts';
import { checkPolicy } from './check-policy.ts';
import { createExpander, type Expander } from './expander.ts';
import { createFileReader, readSecretsFile, type FileReader } from './files.ts';
import { readServerEntry, type ServerEntry } from './formats/server-entry.ts';
import { findServerMaps, gatherFiles, type GatheredFile } from './gather.ts';
import { readInputs } from './inputs.ts';
import { configError, describePlace, isFatal, type ConfigProblem, type Place } from './problem.ts';
import { resolveEntry } from './resolve-entry.ts';
import { readRestrictions } from './restrictions.ts';
import { createSecretSet, type SecretSet } from './secret-set.ts';
import { readSettings } from './settings.ts';
import { rootSettingsSchema, type RootSettings } from './settings-schema.ts';
import { checkShape, findDuplicateKeys } from './shape.ts';
import { findUnknownKeys } from './unknown-keys.ts';
import type { UpstreamSpec } from './upstream-spec.ts';
import type { AskForInput } from './values.ts';

export type LoadOptions = {
  /**
   * The file, absolute. Whoever calls vouches that it is the operator's own: only such a file is expanded, and its
   * commands are run. Nothing that arrives over MCP ever comes here.
   */
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  readonly secretsFile: string;
  /** Asks for an `${input:id}`. Left out, or answering undefined, when there is no terminal. */
  readonly prompt?: AskForInput;
  /** Keeps the secrets of earlier loads masked too. Default: a new, empty set. */
  readonly secrets?: SecretSet;
};

export type ConfiguredServer = {
  readonly name: string;
  readonly place: Place;
  /** Missing when the entry is broken; the problems then say why. */
  readonly spec?: UpstreamSpec;
  readonly problems: readonly ConfigProblem[];
};

export type LoadedConfig = {
  readonly file: string;
  /** Every file that the configuration was made of, also those that were looked for in vain, with their digests then. */
  readonly files: ReadonlyMap<string, string>;
  readonly servers: readonly ConfiguredServer[];
  readonly settings: RootSettings;
  readonly secrets: SecretSet;
  /** All of them, those of the servers included. None is fatal. */
  readonly problems: readonly ConfigProblem[];
};

export type LoadResult =
  | { readonly ok: true; readonly config: LoadedConfig }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[]; readonly files: ReadonlyMap<string, string> };

/** Reads a configuration of any client, whole. One broken server does not stop the others; a broken file stops all. */
export async function loadConfig(options: LoadOptions): Promise<LoadResult> {
  const reader = createFileReader(options.platform);
  const secrets = options.secrets ?? createSecretSet();
  const { files, problems } = await gatherFiles(options.file, reader);
  for (const file of files)
    problems.push(...checkShape(file.document), ...findUnknownKeys(file.document), ...findDuplicateKeys(file.document));
  const makeExpander = expanderFor(options, reader, secrets);
  const settings = await readRootSettings(files, problems, makeExpander);
  if (problems.some(isFatal)) return { ok: false, problems, files: reader.files };

  const { entries, broken, places } = collectEntries(files, problems);
  problems.push(...checkAuth(settings, files));
  problems.push(...checkPolicy(settings, files, [...places.keys()]));
  if (problems.some(isFatal)) return { ok: false, problems, files: reader.files };
  const servers: ConfiguredServer[] = [];
  for (const { file, entry } of entries) {
    const { workspaceFolder } = file;
    const { env, platform } = options;
    const { spec, problems: found } = await resolveEntry(entry, {
      workspaceFolder,
      env,
      platform,
      reader,
      secrets,
      defaults: settings,
      expander: makeExpander(file, problems),
    });
    problems.push(...found);
    const ownProblems = problems.filter((problem) => problem.server === entry.name);
    const failed = ownProblems.some(({ severity }) => severity === 'error');
    servers.push({
      name: entry.name,
      place: entry.document.place(entry.path),
      ...(spec === undefined || failed ? {} : { spec }),
      problems: ownProblems,
    });
  }
  for (const name of broken) {
    servers.push({ name, place: places.get(name)!, problems: problems.filter((problem) => problem.server === name) });
  }
  // Broken or not, in the order of the files.
  const order = [...places.keys()];
  servers.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  return { ok: true, config: { file: options.file, files: reader.files, servers, settings, secrets, problems } };
}

/** The file that extends wins over what it extends, key by key: it is the one that the operator named. */
async function readRootSettings(
  files: readonly GatheredFile[],
  problems: ConfigProblem[],
  makeExpander: (file: GatheredFile, problems: ConfigProblem[]) => Expander,
): Promise<RootSettings> {
  let merged: RootSettings = {};
  for (const file of files) {
    const { document } = file;
    const written = document.value['x-sekisho'];
    if (written === undefined) continue;
    const path = ['x-sekisho'];
    const expanded = await expandSettings(written, makeExpander(file, problems), document, path);
    const read = readSettings(rootSettingsSchema, expanded.value, document, path);
    problems.push(...expanded.problems, ...read.problems);
    merged = { ...read.settings, ...merged };
  }
  return merged;
}

/** All entries of all files. A name that stands twice runs neither: a silent winner could be somebody else's command. */
function collectEntries(
  files: readonly GatheredFile[],
  problems: ConfigProblem[],
): { entries: { file: GatheredFile; entry: ServerEntry }[]; broken: Set<string>; places: Map<string, Place> } {
  const entries: { file: GatheredFile; entry: ServerEntry }[] = [];
  const places = new Map<string, Place>();
  const broken = new Set<string>();
  for (const file of files) {
    const { document, dialect } = file;
    const restrictions = readRestrictions(document);
    for (const { path, servers } of findServerMaps(document)) {
      for (const [name, value] of Object.entries(servers)) {
        const at = [...path, name];
        const place = document.place(at);
        const first = places.get(name);
        if (first !== undefined) {
          const message = `There are two servers of this name, at ${describePlace(first)} and here; neither is started.`;
          problems.push({
            ...configError('ERR_CONFIG_CONFLICT', place, message, 'Rename or remove one of them.'),
            server: name,
          });
          broken.add(name);
          continue;
        }
        places.set(name, place);
        const read = readServerEntry(name, value, { document, path: at, dialect });
        problems.push(...read.problems);
        const refusal = read.entry === undefined ? undefined : restrictions.refuse(read.entry);
        if (refusal !== undefined)
          problems.push({ ...configError('ERR_CONFIG_DENIED', place, `It is not started: ${refusal}`), server: name });
        if (read.entry === undefined || refusal !== undefined) broken.add(name);
        else entries.push({ file, entry: read.entry });
      }
    }
  }
  return { entries: entries.filter(({ entry }) => !broken.has(entry.name)), broken, places };
}

/** One expander a file, made when its first server needs it. */
function expanderFor(
  options: LoadOptions,
  reader: FileReader,
  secrets: SecretSet,
): (file: GatheredFile, problems: ConfigProblem[]) => Expander {
  const made = new Map<GatheredFile, Expander>();
  let stored: Promise<ReadonlyMap<string, string> | string> | undefined;
  const { env, home, secretsFile, prompt } = options;
  const readFile = async (path: string): Promise<string> => {
    const read = await reader.read(path, 'config', 64 * 1024);
    if ('reason' in read) throw new Error(read.reason);
    return new TextDecoder('utf-8', { fatal: true }).decode(read.bytes);
  };
  const values = {
    env,
    home,
    secretsFile,
    readFile,
    secrets: () => (stored ??= readSecretsFile(secretsFile, reader)),
    ...(prompt === undefined ? {} : { prompt }),
  };
  return (file, problems) => {
    const ready = made.get(file);
    if (ready !== undefined) return ready;
    const { inputs, problems: found } = readInputs(file.document);
    problems.push(...found);
    const folder = file.document.file.replace(/[\\/][^\\/]*$/, '') || '/';
    const expander = createExpander({ folder, workspaceFolder: file.workspaceFolder, inputs }, values, secrets);
    made.set(file, expander);
    return expander;
  };
}
