import { resolve } from 'node:path';
import { isLoopback } from '@sekisho/auth';
import { planConnect } from '../../clients/connect.ts';
import { clients, findClient, type Client, type Endpoint, type Surroundings } from '../../clients/registry.ts';
import { replaceFile } from '../../clients/write-file.ts';
import { createFileReader, type FileReader } from '../../config/files.ts';
import { findNearest } from '../../config/nearest.ts';
import type { Invocation } from '../arguments.ts';
import { exitCodes } from '../commands-table.ts';
import { print, type Io } from '../io.ts';
import { findConfigFile } from '../locations.ts';
import { findOrMakeOwnKey, findOwnKey, keyHeader } from '../own-key.ts';
import { askYesOrNo, canAsk } from '../prompt.ts';
import { createTerminal, plainText } from '../terminal.ts';

/** `sekisho connect <client>`: shows the change to that client's file, and writes it after a yes. */
export async function runConnect({ flags, positionals }: Invocation, io: Io): Promise<number> {
  const id = positionals[0];
  const client = id === undefined ? undefined : findClient(id);
  if (client === undefined) {
    const nearest =
      id === undefined
        ? undefined
        : findNearest(
            id,
            clients.map((known) => known.id),
          );
    const hint =
      nearest === undefined ? `Known: ${clients.map((known) => known.id).join(', ')}.` : `Did you mean "${nearest}"?`;
    print(io.stderr, `${id === undefined ? 'Name the client to connect.' : `There is no client "${id}".`} ${hint}`);
    return exitCodes.usage;
  }
  const endpoint = await findEndpoint(flags, client, io);
  if ('missing' in endpoint) {
    print(io.stderr, endpoint.missing);
    return exitCodes.usage;
  }
  const { file, read } = await chooseFile(client, flags.file, io);
  if ('reason' in read && read.reason !== 'there is no such file') {
    print(io.stderr, `${file} cannot be changed: ${read.reason}. ${read.remedy ?? ''}`.trim());
    return exitCodes.failure;
  }
  const plan = planConnect(
    client,
    file,
    'bytes' in read ? read.bytes : undefined,
    endpoint,
    flags.name === undefined ? 'sekisho' : String(flags.name),
  );
  if (plan.kind === 'nothing') {
    print(io.stdout, `${client.title} is connected already, in ${file}.`);
    return exitCodes.ok;
  }
  if (plan.kind === 'refused') {
    print(io.stderr, `${plan.file}${plan.line === undefined ? '' : `:${plan.line}`} is left as it is: ${plan.reason}`);
    return exitCodes.failure;
  }
  const { style } = createTerminal(io.stdout, io.env);
  print(io.stdout, `${client.title}: ${plan.before === undefined ? 'a new file' : 'a change to'} ${file}`);
  for (const line of plan.diff) print(io.stdout, paint(hideKeys(plainText(line)), style.green, style.red));
  if (flags['dry-run'] === true) return exitCodes.ok;
  if (flags.yes !== true) {
    if (!canAsk(io)) {
      print(io.stderr, 'Nothing is written: there is no terminal to ask on. Say --yes to write it.');
      return exitCodes.failure;
    }
    if (!(await askYesOrNo(io, 'Write it?'))) {
      print(io.stderr, 'Nothing is written.');
      return exitCodes.failure;
    }
  }
  const { backup } = await replaceFile(file, plan.after, () => new Date(io.now()));
  print(io.stdout, `Written.${backup === undefined ? '' : ` The old file is kept as ${backup}.`} ${client.afterwards}`);
  return exitCodes.ok;
}

/** Keys go into files; on a screen somebody else might read them. */
function hideKeys(line: string): string {
  return line.replace(/\bsks_([a-z0-9]+)_[A-Za-z0-9_]+/g, 'sks_$1_...');
}

async function findEndpoint(
  flags: Invocation['flags'],
  client: Client,
  io: Io,
): Promise<Endpoint | { missing: string }> {
  const url = flags.url === undefined ? 'http://127.0.0.1:7300/mcp' : String(flags.url);
  const parsed = URL.parse(url);
  if (parsed === null) return { missing: `"${url}" is not an address.` };
  // A client that starts a program is the owner's by that.
  const dry = flags['dry-run'] === true;
  const key =
    client.startsProgram === true
      ? undefined
      : dry
        ? ((await findOwnKey(parsed, io)) ?? (isLoopback(parsed.hostname) ? 'sks_local_new' : undefined))
        : await findOrMakeOwnKey(parsed, io);
  if (key === undefined && client.startsProgram !== true && isLoopback(parsed.hostname))
    return {
      missing: `Your key was shown when it was made, and this user cannot read it any more. Make another in its place: ${io.program} keys rotate local`,
    };
  const config = await findConfigFile(flags, io);
  const [command, ...words] = io.self;
  return {
    url,
    ...(key === undefined ? {} : { headers: keyHeader(key) }),
    command: command!,
    args: [...words, 'stdio', ...('file' in config ? ['--config', config.file] : [])],
  };
}

/** The file that is there, or the most usual place for a new one. */
async function chooseFile(
  client: Client,
  named: string | true | undefined,
  io: Io,
): Promise<{ file: string; read: Awaited<ReturnType<FileReader['read']>> }> {
  const place: Surroundings = { home: io.home, cwd: io.cwd, env: io.env, platform: io.platform };
  const candidates = typeof named === 'string' ? [resolve(io.cwd, named)] : client.userFiles(place);
  const reader = createFileReader(io.platform);
  const reads = await Promise.all(candidates.map(async (file) => ({ file, read: await reader.read(file, 'config') })));
  return reads.find(({ read }) => 'bytes' in read || read.reason !== 'there is no such file') ?? reads[0]!;
}

function paint(line: string, added: (text: string) => string, removed: (text: string) => string): string {
  if (line.startsWith('+')) return added(line);
  return line.startsWith('-') ? removed(line) : line;
}
