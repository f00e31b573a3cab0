import type { FlagSpec } from '../commands-table.ts';

type Shared = Readonly<Record<'config' | 'secrets' | 'json', FlagSpec>>;

/** The words of `sekisho sandbox`, for the table of commands. */
export const sandboxCommand = ({ config, secrets, json }: Shared) =>
  ({
    summary:
      'explain: what the box of a server allows; run: anything in a box; learn: the smallest box; approve: a changed package',
    usage:
      'sekisho sandbox explain|learn|approve <server>   or   sekisho sandbox run [options] -- <command> [arguments]',
    flags: {
      config,
      secrets,
      read: { value: 'paths', help: 'run: files and folders to read, with commas between them' },
      write: { value: 'paths', help: 'run: folders to write, with commas between them' },
      net: { value: 'hosts', help: 'run: hosts to connect to, as host, host:port or *.host, with commas between them' },
      spawn: { help: 'run: may start other processes' },
      seconds: { value: 'number', help: 'learn: how long to watch after its lists were read; default 3, 0 to 3600' },
      call: {
        value: 'json',
        help: 'learn: a call to make meanwhile, {"name": "tool", "arguments": {}}, or a list of them',
      },
      json,
    },
    positionals: { most: 1000 },
    examples: [
      'sekisho sandbox explain files --config sekisho.jsonc',
      'sekisho sandbox run --read . --net registry.npmjs.org -- node script.js',
      'sekisho sandbox learn notes --call \'{"name":"search","arguments":{"q":"x"}}\'',
    ],
  }) as const;
