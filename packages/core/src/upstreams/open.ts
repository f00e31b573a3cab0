import { LEGACY_REVISIONS, MODERN_REVISIONS, META, isObject } from '@sekisho/protocol';
import type { JsonObject, ResponseView } from '@sekisho/protocol';
import { parseBinary } from '../wire.ts';
import { resultOf } from './calls.ts';
import { OpenError } from './failure.ts';
import type { DuplexPeer } from './duplex-peer.ts';
import type { HttpPeer } from './http-peer.ts';
import type { CallerFacts, Identity } from './outgoing.ts';
import type { Opened } from './peer.ts';

/**
 * What the gateway declares where its clients are not known yet. A server decides by it what it offers, so the lists are
 * whole; whom it asks in the middle of a call is decided call by call, by what that call's client has declared.
 */
export const ASKABLE: JsonObject = {
  elicitation: { form: {}, url: {} },
  sampling: { context: {}, tools: {} },
  roots: {},
};

/** What a probe says of a server's era; `sure` verdicts may be remembered. */
export type Verdict =
  | { readonly era: 'modern'; readonly revision: string; readonly opened: Opened | undefined; readonly sure: boolean }
  | { readonly era: 'legacy'; readonly sure: boolean };

const PROBED: Opened = {
  era: 'modern',
  revision: MODERN_REVISIONS[0]!,
  capabilities: {},
  serverInfo: undefined,
  instructions: undefined,
  ttlMs: 0,
};
const UNOPENED: Opened = { ...PROBED, era: 'legacy', revision: '' };

/**
 * What the answer to `server/discover` proves (MCP 2026-07-28, basic/versioning and basic/transports, "Backward
 * Compatibility"). A clean answer alone proves nothing: it must list a revision of the modern era that we speak.
 */
export function judgeProbe(view: ResponseView): Verdict {
  const message = parseBinary(view.text);
  if (!isObject(message)) return { era: 'legacy', sure: false };
  const result = message['result'];
  if (isObject(result)) {
    const revision = commonModern(result['supportedVersions']);
    return revision === undefined
      ? { era: 'legacy', sure: true }
      : { era: 'modern', revision, opened: readDiscovery(result, revision), sure: true };
  }
  const error = isObject(message['error']) ? message['error'] : {};
  const data = isObject(error['data']) ? error['data'] : {};
  if (error['code'] === -32022) {
    const revision = commonModern(data['supported']);
    return revision === undefined
      ? { era: 'legacy', sure: true }
      : { era: 'modern', revision, opened: undefined, sure: true };
  }
  // Modern errors, but legacy servers have used these numbers as well: good for now, not to be remembered.
  if (error['code'] === -32020 || error['code'] === -32021)
    return { era: 'modern', revision: MODERN_REVISIONS[0]!, opened: undefined, sure: false };
  return { era: 'legacy', sure: true };
}

function commonModern(versions: unknown): string | undefined {
  return Array.isArray(versions) ? MODERN_REVISIONS.find((revision) => versions.includes(revision)) : undefined;
}

function readDiscovery(result: JsonObject, revision: string): Opened {
  const meta = isObject(result['_meta']) ? result['_meta'] : {};
  const info = meta[META.server];
  const ttl = result['ttlMs'];
  return {
    era: 'modern',
    revision,
    capabilities: isObject(result['capabilities']) ? result['capabilities'] : {},
    serverInfo: isObject(info) ? info : undefined,
    instructions: typeof result['instructions'] === 'string' ? result['instructions'] : undefined,
    ttlMs: typeof ttl === 'number' && ttl > 0 ? ttl : 0,
  };
}

/** Opens a legacy session on a peer: `initialize` with these capabilities, then `notifications/initialized`. */
export async function initialize(
  peer: DuplexPeer | HttpPeer,
  capabilities: JsonObject,
  identity: Identity,
): Promise<void> {
  peer.opened = UNOPENED;
  const result = await peer.ask('initialize', {
    protocolVersion: LEGACY_REVISIONS[0]!,
    capabilities,
    clientInfo: { name: identity.name, version: identity.version },
  });
  const revision = result['protocolVersion'];
  if (typeof revision !== 'string' || !LEGACY_REVISIONS.includes(revision)) {
    throw new OpenError(
      'ERR_UPSTREAM_REVISION',
      `the server speaks protocol version ${JSON.stringify(revision)}, which the gateway does not`,
      {
        remedy: `Use a server that speaks one of ${[...MODERN_REVISIONS, ...LEGACY_REVISIONS].join(', ')}.`,
        permanent: true,
      },
    );
  }
  peer.opened = {
    era: 'legacy',
    revision,
    capabilities: isObject(result['capabilities']) ? result['capabilities'] : {},
    serverInfo: isObject(result['serverInfo']) ? result['serverInfo'] : undefined,
    instructions: typeof result['instructions'] === 'string' ? result['instructions'] : undefined,
    ttlMs: 0,
  };
  peer.notify('notifications/initialized');
}

async function discover(peer: DuplexPeer | HttpPeer): Promise<Verdict> {
  peer.opened = PROBED;
  return judgeProbe(await peer.askRaw('server/discover', {}));
}

/** A server that answered a modern error is asked once more, properly; what it cannot answer is said plainly. */
async function settleModern(peer: DuplexPeer | HttpPeer, verdict: Verdict & { era: 'modern' }): Promise<void> {
  if (verdict.opened) {
    peer.opened = verdict.opened;
    return;
  }
  peer.opened = { ...PROBED, revision: verdict.revision };
  const again = resultOf(await peer.askRaw('server/discover', {}), 'server/discover');
  peer.opened = readDiscovery(again, verdict.revision);
}

/**
 * Opens a line whose server may be of either era: `server/discover` first, `initialize` when the answer says legacy or when
 * there is silence. A late answer to the probe still counts, so a slow modern server is not taken for a legacy one.
 *
 * @param silenceMs how long to wait for the probe's answer before asking in the legacy way as well
 */
export async function openDuplex(
  peer: DuplexPeer,
  identity: Identity,
  options: { hint?: 'legacy' | undefined; silenceMs: number; capabilities: JsonObject },
): Promise<Verdict> {
  const { capabilities } = options;
  if (options.hint === 'legacy' && (await stillLegacy(peer, identity, capabilities)))
    return { era: 'legacy', sure: true };
  const probe = discover(peer);
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), options.silenceMs).unref();
  });
  const early = await Promise.race([probe, silence]);
  clearTimeout(timer);
  if (early?.era === 'modern') {
    await settleModern(peer, early);
    return early;
  }
  const handshake = initialize(peer, capabilities, identity).then((): Verdict => ({
    era: 'legacy',
    sure: early !== undefined,
  }));
  if (early) return handshake;
  const late = probe.then((verdict) => (verdict.era === 'modern' ? verdict : handshake));
  const verdict = await Promise.any([handshake, late]).catch((error: AggregateError) =>
    Promise.reject(error.errors[0]),
  );
  if (verdict.era === 'modern') await settleModern(peer, verdict);
  return verdict;
}

/** Opens Streamable HTTP in whichever era the server speaks. Throws an {@link OpenError} that tells refusals apart. */
export async function openHttp(
  peer: HttpPeer,
  identity: Identity,
  { hint, capabilities }: { hint: 'legacy' | undefined; capabilities: JsonObject },
): Promise<Verdict> {
  if (hint === 'legacy' && (await stillLegacy(peer, identity, capabilities))) return { era: 'legacy', sure: true };
  const verdict = await probeHttp(peer);
  if (verdict.era === 'modern') {
    await settleModern(peer, verdict);
    return verdict;
  }
  await initialize(peer, capabilities, identity);
  return { era: 'legacy', sure: true };
}

/** Codes of servers that are there and answered. */
const ANSWERED: ReadonlySet<string> = new Set([
  'ERR_UPSTREAM_INVALID',
  'ERR_UPSTREAM_REFUSED',
  'ERR_UPSTREAM_REVISION',
]);

/**
 * Opens a server that was legacy when it was last seen. False where it answers and will not be opened so: servers are
 * updated, and what is remembered of one must not keep it out for ever.
 */
async function stillLegacy(
  peer: DuplexPeer | HttpPeer,
  identity: Identity,
  capabilities: JsonObject,
): Promise<boolean> {
  try {
    await initialize(peer, capabilities, identity);
    return true;
  } catch (error) {
    // Who cannot be reached, or is silent, has said nothing about its era.
    if (error instanceof OpenError && ANSWERED.has(error.code)) return false;
    throw error;
  }
}

/** Which era an HTTP server speaks now. Rejects where its answer is no evidence. */
export async function probeHttp(peer: HttpPeer): Promise<Verdict> {
  try {
    return await discover(peer);
  } catch (error) {
    // A 4xx without a JSON-RPC answer is what a legacy server says; refused credentials, overload, failures and silence say
    // nothing about the era and are not evidence.
    const status = error instanceof OpenError ? error.status : undefined;
    if (error instanceof OpenError && error.code === 'ERR_UPSTREAM_INVALID' && status !== undefined)
      return { era: 'legacy', sure: true };
    throw error;
  }
}

/** True where `initialize` was answered the way only a server of the deprecated HTTP+SSE transport answers a POST. */
export function suggestsSse(error: unknown): boolean {
  return error instanceof OpenError && (error.status === 400 || error.status === 404 || error.status === 405);
}

/** Facts the gateway states about itself when it asks on its own behalf. */
export function factsOf(identity: Identity): CallerFacts {
  return { era: 'modern', capabilities: {}, clientInfo: { ...identity }, logLevel: undefined };
}
