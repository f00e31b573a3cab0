import {
  createKey,
  listKeys,
  revokeKey,
  rotateKey,
  type CreatedKey,
  type KeySpecification,
  type PublicKeyRecord,
} from '@sekisho/auth/keys';
import { AuthError } from '@sekisho/auth';
import { KeyRoomError, openKeyRoom, OWNER, type KeyRoom } from '../../mount/key-room.ts';
import type { Invocation } from '../arguments.ts';
import { exitCodes } from '../commands-table.ts';
import { readDuration } from '../duration.ts';
import { print, type Io } from '../io.ts';
import { ownFolder } from '../locations.ts';
import { recordKeyChange } from '../record-key-change.ts';
import { oneLine } from '../terminal.ts';

type Flags = Invocation['flags'];

/** `sekisho keys`: works on the files of the state folder; a running gateway sees every change within a second. */
export async function runKeys({ flags, positionals }: Invocation, io: Io): Promise<number> {
  const [verb, subject] = positionals;
  try {
    const room = await openKeyRoom(ownFolder(io, 'state'), { now: io.now, platform: io.platform });
    switch (verb) {
      case 'create':
        return subject === undefined
          ? usage(io, 'Name who the key is for: sekisho keys create <name>')
          : await create(room, subject, flags, io);
      case 'list':
        return await list(room, flags, io);
      case 'rotate':
        return subject === undefined
          ? usage(io, 'Name the key: sekisho keys rotate <id>, or "local" for your own.')
          : await rotate(room, subject, flags, io);
      case 'revoke':
        return subject === undefined
          ? usage(io, 'Name the key: sekisho keys revoke <id>')
          : await revoke(room, subject, flags, io);
      default:
        return usage(io, 'Say what to do: sekisho keys create|list|rotate|revoke');
    }
  } catch (thrown) {
    // What a specification cannot be is the user's to mend; what the store cannot do is told with its cause.
    if (thrown instanceof TypeError) return usage(io, `That cannot be a key: ${oneLine(thrown.message, 300)}.`);
    if (!(thrown instanceof AuthError || thrown instanceof KeyRoomError)) throw thrown;
    print(io.stderr, thrown.message);
    return exitCodes.failure;
  }
}

function usage(io: Io, message: string): number {
  print(io.stderr, message.replaceAll('sekisho keys', `${io.program} keys`));
  return exitCodes.usage;
}

async function create(room: KeyRoom, principal: string, flags: Flags, io: Io): Promise<number> {
  const expires = flags.expires === undefined ? undefined : readDuration(String(flags.expires));
  if (expires === 'invalid') return usage(io, `"${String(flags.expires)}" is no time. Write it like 12h, 90d or 1y.`);
  const specification: KeySpecification = {
    principal,
    roles: words(flags.roles),
    scopes: words(flags.scopes),
    servers: words(flags.servers),
    tools: words(flags.tools),
    networks: words(flags.networks),
    origins: words(flags.origins),
    ...(flags.label === undefined ? {} : { label: String(flags.label) }),
    ...(expires === undefined ? {} : { lifetimeMs: expires }),
  };
  const made = await createKey(room.administration, specification);
  await recordKeyChange(ownFolder(io, 'state'), { type: 'apikey.created', keyId: made.record.keyId });
  return show(made, flags, io);
}

async function rotate(room: KeyRoom, id: string, flags: Flags, io: Io): Promise<number> {
  const overlap = flags.overlap === undefined ? undefined : readDuration(String(flags.overlap));
  if (overlap === 'invalid') return usage(io, `"${String(flags.overlap)}" is no time. Write it like 0s, 12h or 1d.`);
  const made =
    id === OWNER
      ? await room.rotateLocal()
      : await rotateKey(room.administration, id, overlap === undefined ? {} : { overlapMs: overlap });
  await recordKeyChange(ownFolder(io, 'state'), { type: 'apikey.rotated', keyId: made.record.keyId });
  return show(made, flags, io);
}

async function revoke(room: KeyRoom, id: string, flags: Flags, io: Io): Promise<number> {
  const { record } = await revokeKey(room.administration, id);
  await recordKeyChange(ownFolder(io, 'state'), { type: 'apikey.revoked', keyId: record.keyId });
  if (flags.json === true) print(io.stdout, JSON.stringify(record));
  else
    print(
      io.stdout,
      `The key ${record.keyId} of ${oneLine(record.principal, 80)} is revoked. A running gateway ends what it holds open within a second.`,
    );
  return exitCodes.ok;
}

async function list(room: KeyRoom, flags: Flags, io: Io): Promise<number> {
  const keys = await listKeys(room.administration);
  if (flags.json === true) {
    print(io.stdout, JSON.stringify(keys));
    return exitCodes.ok;
  }
  if (keys.length === 0) print(io.stdout, `There are no keys. Make one with: ${io.program} keys create <name>`);
  for (const key of keys) print(io.stdout, describeKey(key, io.now()));
  return exitCodes.ok;
}

function show({ key, record }: CreatedKey, flags: Flags, io: Io): number {
  if (flags.json === true) print(io.stdout, JSON.stringify({ key, record }));
  else {
    print(io.stdout, key);
    print(io.stderr, `This is shown once. ${describeKey(record, io.now())}`);
  }
  return exitCodes.ok;
}

function describeKey(key: PublicKeyRecord, nowMs: number): string {
  const { keyId, environment, principal, label, expiresAtMs, lastUsedAtMs, replacedBy } = key;
  const parts = [
    `${keyId}  ${environment}  ${oneLine(principal, 60)}`,
    ...(label === undefined ? [] : [oneLine(label, 60)]),
    stateOf(key, nowMs),
    ...(['roles', 'scopes', 'servers', 'tools', 'networks', 'origins'] as const).flatMap((name) =>
      key[name].length === 0 ? [] : [`${name} ${oneLine(key[name].join(' '), 120)}`],
    ),
    ...(replacedBy === undefined ? [] : [`replaced by ${replacedBy}`]),
    lastUsedAtMs === undefined ? 'not used yet' : `last used ${day(lastUsedAtMs)}`,
  ];
  return parts.join('  ') + (expiresAtMs <= nowMs ? '' : `  until ${day(expiresAtMs)}`);
}

function stateOf({ revokedAtMs, expiresAtMs }: PublicKeyRecord, nowMs: number): string {
  if (revokedAtMs !== undefined) return 'revoked';
  return expiresAtMs <= nowMs ? 'expired' : 'in force';
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** `a,b` or `a b`; nothing where the flag is not there. */
function words(flag: string | true | undefined): readonly string[] {
  return flag === undefined
    ? []
    : String(flag)
        .split(/[\s,]+/)
        .filter((word) => word !== '');
}
