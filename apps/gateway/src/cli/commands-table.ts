import { sandboxCommand } from './commands/sandbox-words.ts';
import { keysCommand } from './keys-command.ts';
import {
  config,
  secrets,
  json,
  yes,
  noWatch,
  logLevel,
  gatewayUrl,
  gatewayPort,
  type CommandSpec,
  type FlagSpec,
} from './flags.ts';

export type { CommandSpec, FlagSpec } from './flags.ts';

export const globalFlags = {
  help: { short: 'h', help: 'show this help' },
  version: { short: 'V', help: 'show the version' },
} as const satisfies Record<string, FlagSpec>;

export const commands = {
  serve: {
    summary: 'start the gateway on this computer (the default)',
    usage: 'sekisho [serve] [--config <file>] [--port <number>]',
    flags: {
      config,
      secrets,
      port: { value: 'number', short: 'p', help: 'where to listen; default 7300, 0 takes any free port' },
      host: { value: 'address', help: 'where to listen; default 127.0.0.1; others need "auth" and TLS' },
      'no-watch': noWatch,
      'log-level': logLevel,
    },
    examples: ['sekisho --config ~/.cursor/mcp.json', 'sekisho serve --config sekisho.jsonc --port 7301'],
  },
  stdio: {
    summary: 'be an MCP server on standard input and output, for clients that start programs',
    usage: 'sekisho stdio [--config <file>]',
    flags: { config, secrets, 'no-watch': noWatch, 'log-level': logLevel },
    examples: ['sekisho stdio --config sekisho.jsonc'],
  },
  status: {
    summary: 'ask a running gateway how its servers are',
    usage: 'sekisho status [--json]',
    flags: {
      url: gatewayUrl,
      port: gatewayPort,
      json,
    },
    examples: ['sekisho status', 'sekisho status --json --port 7301'],
  },
  list: {
    summary: 'show the tools, prompts and resources that a client sees',
    usage: 'sekisho list [--json]',
    flags: { url: gatewayUrl, port: gatewayPort, json },
    examples: ['sekisho list', 'sekisho list --json | jq -r .tools[].name'],
  },
  call: {
    summary: 'call one tool of a running gateway, through every check',
    usage: 'sekisho call <tool> [name=value... | <json object> | -]',
    flags: { url: gatewayUrl, port: gatewayPort, json },
    positionals: { most: 200 },
    examples: ['sekisho call files__list_directory path=/tmp', `sekisho call everything__echo '{"message": "hi"}'`],
  },
  import: {
    summary: 'find the servers of your MCP clients and write one sekisho.jsonc',
    usage: 'sekisho import [file...] [--output <file>]',
    flags: {
      output: { value: 'file', short: 'o', help: 'what to write; default sekisho.jsonc in your settings' },
      project: { help: 'also take the files of the project in this folder' },
      yes,
      json: { help: 'print what would be written, as JSON, and write nothing' },
    },
    positionals: { most: 50 },
    examples: ['sekisho import', 'sekisho import ./mcp_config.json --output sekisho.jsonc --yes'],
  },
  connect: {
    summary: 'add Sekisho to a client, after showing the change',
    usage: 'sekisho connect <client>',
    flags: {
      url: { value: 'address', help: 'of the gateway; default http://127.0.0.1:7300/mcp' },
      config,
      file: { value: 'file', help: 'the file of the client, where it is not in its usual place' },
      name: { value: 'name', help: 'what Sekisho is called there; default sekisho' },
      'dry-run': { help: 'show the change and write nothing' },
      yes,
    },
    positionals: { most: 1 },
    examples: ['sekisho connect cursor', 'sekisho connect claude-desktop --yes'],
  },
  config: {
    summary: 'check: say what is wrong with a configuration; print: show what it comes to; schema: its JSON Schema',
    usage: 'sekisho config check|print|schema [--config <file>]',
    flags: { config, secrets, json },
    positionals: { most: 1 },
    examples: ['sekisho config check --config .mcp.json', 'sekisho config schema > sekisho.schema.json'],
  },
  audit: {
    summary: 'the record: verify, tail, query and prove it; erase or export a person; hold, purge; report soc2',
    usage: 'sekisho audit verify|tail|query|proof|erase|export|report|hold|purge [what] [options]',
    flags: {
      config,
      secrets,
      state: { value: 'folder', help: 'the folder for state of the gateway; default that of this user' },
      replica: { value: 'name', help: 'one log of several; default all, or the only one' },
      key: { value: 'vkey', help: 'verify, proof, report: verifier keys, commas between them; default the own one' },
      trusted: { value: 'file', help: 'verify: checkpoints that were kept outside' },
      from: { value: 'number', help: 'tail: the first record; default what comes from now on' },
      type: { value: 'types', help: 'query: such as authz.denied or auth.*, commas between them' },
      outcome: { value: 'outcomes', help: 'query: ok, denied, error, cancelled, unknown' },
      server: { value: 'name', help: 'query: of one server' },
      tool: { value: 'name', help: 'query: of one tool or prompt' },
      method: { value: 'method', help: 'query: such as tools/call' },
      exchange: { value: 'id', help: 'query: both records of one exchange' },
      subject: { value: 'who', help: 'query: of one person, <issuer>#<subject>' },
      since: { value: 'time', help: 'query, report: such as 2026-11-24T10:00Z' },
      until: { value: 'time', help: 'query, report: not later' },
      limit: { value: 'number', help: 'query: most records, 1 to 10000; default 100' },
      before: { value: 'time', help: 'purge: segments whose newest record is older' },
      output: { value: 'folder', short: 'o', help: 'export: where to' },
      release: { help: 'hold: lift it' },
      yes,
      json,
    },
    positionals: { most: 3 },
    examples: [
      'sekisho audit verify',
      'sekisho audit query --type authz.denied,auth.* --since 2026-11-24',
      'sekisho audit erase https://login.example.com#ada --yes',
    ],
  },
  sandbox: sandboxCommand({ config, secrets, json }),
  doctor: {
    summary: 'go through the security checklist: what is wrong, how bad it is, how to mend it',
    usage: 'sekisho doctor [--config <file>] [--strict]',
    flags: {
      config,
      secrets,
      strict: { help: 'fail on warnings too, for CI' },
      state: { value: 'folder', help: 'where the gateway keeps its state; default that of this user' },
      json,
    },
    examples: ['sekisho doctor', 'sekisho doctor --config /etc/sekisho/sekisho.jsonc --strict --json'],
  },
  incident: {
    summary:
      'isolate: cut off a server, a principal or everything, within a second; release; list; evidence: a signed bundle',
    usage: 'sekisho incident isolate|release|list|evidence [server <name> | principal <id> | all | <folder>]',
    flags: {
      config,
      secrets,
      reason: { value: 'text', help: 'why, for the record' },
      state: { value: 'folder', help: 'where the gateway keeps its state; default that of this user' },
      json,
    },
    positionals: { most: 3 },
    examples: [
      'sekisho incident isolate server files --reason "unknown child process"',
      'sekisho incident evidence /evidence/2026-11-24',
      'sekisho incident release server files',
    ],
  },
  keys: keysCommand,
  backup: {
    summary: 'copy keys, records and everything else that must not be lost, while the gateway runs',
    usage: 'sekisho backup <folder> [--keys <folder>]',
    flags: {
      keys: { value: 'folder', help: 'where the keys go that tell who is who in the record; else they are not copied' },
      json,
    },
    positionals: { most: 1 },
    examples: ['sekisho backup /backup/sekisho-monday'],
  },
  restore: {
    summary: 'put a backup in the place of the state, after comparing every file with its manifest',
    usage: 'sekisho restore <folder> [--keys <folder>] [--replace]',
    flags: {
      keys: { value: 'folder', help: 'the backup of the keys that tell who is who in the record' },
      replace: { help: 'put a state that is there aside, under another name' },
      json,
    },
    positionals: { most: 1 },
    examples: ['sekisho restore /backup/sekisho-monday'],
  },
  policy: {
    summary: 'test: compare decisions with a table; explain: say why somebody may or may not, and what would allow it',
    usage: 'sekisho policy test <file> | explain <principal> <target>',
    flags: {
      config,
      secrets,
      method: { value: 'method', help: 'what is asked; default tools/call, and resources/read for a URI' },
      arguments: { value: 'json', help: 'arguments of the call, as a JSON object' },
      address: { value: 'address', help: 'network address of the caller' },
      role: { value: 'names', help: 'roles of the principal, with commas between' },
      group: { value: 'names', help: 'groups of the principal, with commas between' },
      scope: { value: 'names', help: 'scopes of the principal, with commas between' },
      json,
    },
    positionals: { most: 3 },
    examples: ['sekisho policy test policy-cases.json', 'sekisho policy explain local git/push --scope git:write'],
  },
  completion: {
    summary: 'print the script by which a shell completes these words',
    usage: 'sekisho completion bash|zsh|fish',
    flags: {},
    positionals: { most: 1 },
    examples: [
      'sekisho completion fish > ~/.config/fish/completions/sekisho.fish',
      'source <(sekisho completion bash)',
    ],
  },
} as const satisfies Record<string, CommandSpec>;

export type CommandName = keyof typeof commands;
type FlagsOf<Name extends CommandName> = keyof (typeof commands)[Name]['flags'];
export type FlagName = { [Name in CommandName]: FlagsOf<Name> }[CommandName] | keyof typeof globalFlags;

export const exitCodes = { ok: 0, failure: 1, usage: 2, config: 3, unreachable: 4 } as const;
