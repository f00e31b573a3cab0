export type FlagSpec = {
  /** What its value is called in the help; left out for one that takes none. */
  readonly value?: string;
  readonly short?: string;
  readonly help: string;
};

export type CommandSpec = {
  readonly summary: string;
  readonly usage: string;
  readonly flags: Readonly<Record<string, FlagSpec>>;
  readonly positionals?: { readonly most: number };
  readonly examples: readonly string[];
};

export const config: FlagSpec = {
  value: 'file',
  short: 'c',
  help: 'the configuration; else $SEKISHO_CONFIG, else sekisho.jsonc in your settings',
};
export const secrets: FlagSpec = {
  value: 'file',
  help: 'where ${secret:name} is looked up; else $SEKISHO_SECRETS_FILE, else secrets.json beside your settings',
};
export const json: FlagSpec = { help: 'print JSON' };
export const yes: FlagSpec = { short: 'y', help: 'do it without asking' };
export const noWatch: FlagSpec = { help: 'do not reload when a file changes (SIGHUP still does)' };
export const logLevel: FlagSpec = {
  value: 'level',
  help: 'debug, info, warn (default; on a terminal error) or error; the log goes to standard error as JSON lines',
};

export const gatewayUrl: FlagSpec = { value: 'address', help: 'of the gateway; default http://127.0.0.1:7300' };
export const gatewayPort: FlagSpec = { value: 'number', short: 'p', help: 'of the gateway on this computer' };
