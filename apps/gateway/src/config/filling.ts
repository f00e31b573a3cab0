import type { Expander } from './expander.ts';
import type { FileReader } from './files.ts';
import type { ConfigProblemCode } from './problem.ts';
import type { SecretSet } from './secret-set.ts';
import type { RootSettings } from './settings-schema.ts';

export type ResolveOptions = {
  readonly workspaceFolder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly expander: Expander;
  readonly reader: FileReader;
  readonly secrets: SecretSet;
  readonly defaults: RootSettings;
};

/** What the making of one launch may use. */
export type Filling = ResolveOptions & {
  readonly fill: (text: string, ...keys: string[]) => Promise<string>;
  readonly stop: (code: ConfigProblemCode, message: string, remedy: string | undefined, ...keys: string[]) => never;
};
