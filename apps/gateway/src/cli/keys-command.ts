import type { CommandSpec } from './flags.ts';

/** `sekisho keys`, as the help tells it. */
export const keysCommand = {
  summary:
    'API keys: make one, list them, put another in its place, end one; a running gateway sees it within a second',
  usage: 'sekisho keys create|list|rotate|revoke [<name or id>]',
  flags: {
    roles: { value: 'names', help: 'of create: roles of the policy, with commas between them' },
    scopes: { value: 'names', help: 'of create: scopes' },
    servers: { value: 'names', help: 'of create: reaches only these servers; * stands for anything' },
    tools: {
      value: 'names',
      help: 'of create: reaches only these tools, as their server calls them, and nothing else',
    },
    networks: { value: 'networks', help: 'of create: works only from these, such as 10.0.0.0/8' },
    origins: { value: 'origins', help: 'of create: works only in web pages of these origins' },
    expires: { value: 'time', help: 'of create: how long it works, a minute to a year; default 90d' },
    label: { value: 'text', help: 'of create: what it is for' },
    overlap: { value: 'time', help: 'of rotate: how long the old one still works, up to 30d; default 1d' },
    json: { help: 'print JSON' },
  },
  positionals: { most: 2 },
  examples: [
    'sekisho keys create ci --roles reader --servers github --expires 30d',
    'sekisho keys rotate local',
    'sekisho keys revoke Zk3Vb81mQx',
  ],
} as const satisfies CommandSpec;
