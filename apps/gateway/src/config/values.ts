import { basename, isAbsolute, resolve, sep } from 'node:path';
import type { Reference } from './template.ts';
import { isSecretVariable } from './secret-set.ts';
import type { InputDefinition } from './inputs.ts';

/** What a reference became. The reasons never hold the value of anything. */
export type Resolution =
  | { readonly found: true; readonly value: string; readonly secret: boolean }
  | { readonly found: false; readonly reason: string; readonly remedy?: string };

/** Where values come from. Everything is handed in, so that nothing here reaches for the process by itself. */
export type ValueOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Reads a file that the operator's file names. Rejects with a system error. */
  readonly readFile: (path: string) => Promise<string>;
  /** From the secrets file; a string is the reason why it cannot be read. */
  readonly secrets: () => Promise<ReadonlyMap<string, string> | string>;
  /** Where a secret can be put, for remedies. */
  readonly secretsFile: string;
  /** Asks a person; undefined when nobody can be asked now. */
  readonly prompt?: AskForInput;
};

export type AskForInput = (input: InputDefinition) => Promise<string | undefined>;

export type ValueContext = {
  readonly folder: string;
  readonly workspaceFolder: string;
  readonly inputs: ReadonlyMap<string, InputDefinition>;
};

const ownNames = /^SEKISHO_(?!INPUT_)/i;

export async function resolveReference(
  reference: Exclude<Reference, { kind: 'env' }>,
  context: ValueContext,
  options: ValueOptions,
): Promise<Resolution> {
  switch (reference.kind) {
    case 'workspaceFolder':
      return plain(context.workspaceFolder);
    case 'workspaceFolderBasename':
      return plain(basename(context.workspaceFolder));
    case 'userHome':
      return plain(options.home);
    case 'separator':
      return plain(sep);
    case 'command':
      return missing(
        'it asks to run a command for a value, which Sekisho never does.',
        'Put the value into the environment or the secrets file, and write "${NAME}" or "${secret:name}".',
      );
    case 'keyring':
      return missing(
        'this version cannot read the keyring of the operating system.',
        `Put the value into ${options.secretsFile} and write "\${secret:${reference.name}}".`,
      );
    case 'input':
      return await resolveInput(reference.name, context, options);
    case 'secret':
      return await resolveSecret(reference.name, options);
    default:
      return await resolveFile(reference.name, context, options);
  }
}

/** A name in the environment. The gateway's own are out of reach, whoever names them. */
export function readVariable(name: string, env: ValueOptions['env']): Resolution {
  if (ownNames.test(name))
    return missing(
      `"${name}" belongs to Sekisho itself and is never handed to a server.`,
      'Use a name that does not start with SEKISHO_.',
    );
  const value = env[name];
  if (value === undefined)
    return missing(
      `"${name}" is not in the environment.`,
      `Set it before starting Sekisho, or write "\${${name}:-default}".`,
    );
  return { found: true, value, secret: isSecretVariable(name, value) };
}

export function isOwnName(name: string): boolean {
  return ownNames.test(name);
}

export function inputVariable(id: string): string {
  return `SEKISHO_INPUT_${id.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
}

async function resolveInput(id: string, context: ValueContext, options: ValueOptions): Promise<Resolution> {
  const input = context.inputs.get(id);
  const variable = inputVariable(id);
  const given = options.env[variable];
  const hidden = input === undefined || input.password;
  if (given !== undefined) return { found: true, value: given, secret: hidden || isSecretVariable(variable, given) };
  const secrets = await options.secrets();
  const stored = typeof secrets === 'string' ? undefined : (secrets.get(`input:${id}`) ?? secrets.get(id));
  if (stored !== undefined) return { found: true, value: stored, secret: true };
  if (input === undefined)
    return missing(`there is no input "${id}" in the "inputs" of the file.`, `Add it there, or set ${variable}.`);
  if (input.type === 'command')
    return missing(
      `the input "${id}" comes from a command of VS Code, which Sekisho does not run.`,
      `Set ${variable}.`,
    );
  const answer = await options.prompt?.(input);
  if (answer !== undefined) return { found: true, value: answer, secret: hidden };
  if (input.default !== undefined) return { found: true, value: input.default, secret: hidden };
  const unreadable = typeof secrets === 'string' ? ` (${secrets})` : '';
  return missing(
    `nobody can be asked for the input "${id}" here.${unreadable}`,
    `Set ${variable}, or put "input:${id}" into ${options.secretsFile}.`,
  );
}

async function resolveSecret(name: string, options: ValueOptions): Promise<Resolution> {
  const secrets = await options.secrets();
  if (typeof secrets === 'string') return missing(secrets);
  const value = secrets.get(name);
  if (value === undefined)
    return missing(`there is no secret "${name}" in ${options.secretsFile}.`, `Add "${name}" to it.`);
  return { found: true, value, secret: true };
}

async function resolveFile(path: string, context: ValueContext, options: ValueOptions): Promise<Resolution> {
  const expanded = path.startsWith('~/') ? resolve(options.home, path.slice(2)) : path;
  const file = isAbsolute(expanded) ? expanded : resolve(context.folder, expanded);
  try {
    const text = await options.readFile(file);
    // Editors and `echo` end a file with a line break that is no part of the secret.
    return { found: true, value: text.replace(/\r?\n$/, ''), secret: true };
  } catch (thrown) {
    return missing(`"${file}" cannot be read: ${describeSystemError(thrown)}.`);
  }
}

export function describeSystemError(thrown: unknown): string {
  const code = (thrown as NodeJS.ErrnoException).code;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'it may not be read by this user';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return code ?? (thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function plain(value: string): Resolution {
  return { found: true, value, secret: false };
}

function missing(reason: string, remedy?: string): Resolution {
  return { found: false, reason, ...(remedy === undefined ? {} : { remedy }) };
}
