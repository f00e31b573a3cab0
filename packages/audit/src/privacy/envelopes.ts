import { randomBytes } from 'node:crypto';
import type { EnvelopeFields, Identity, Source, SubjectName } from '../event.ts';
import type { Mac } from '../writer/record-head.ts';
import { seal, unseal } from './audit-keys.ts';
import { macWith } from './mac.ts';
import type { SubjectKeys, SubjectKeySet } from './subject-keys.ts';

/** An identity that has its reference; the envelope is written once into every segment that mentions it. */
export interface CachedEnvelope {
  ref: string;
  tableId: string;
  /** The envelope's fields as JSON. */
  json: string;
  /** First sequence number of the segment that last got it, -1 before. */
  segment: number;
  /** Only itself: what most records need, made once. */
  alone: readonly CachedEnvelope[];
  mac: Mac;
  keys: SubjectKeySet;
}

/** What an envelope holds. */
export interface SealedIdentity {
  iss: string;
  sub: string;
  email?: string;
  name?: string;
  ip?: string;
  ua?: string;
}

export function subjectOfSource(ip: string): SubjectName {
  return { issuer: 'ip', subject: ip };
}

/** Keeps an envelope within one record, whatever a client sends as its name. */
const MAX_FIELD = 512;

function toSealed(identity: Identity): SealedIdentity {
  const { issuer, subject, email, name, ip, userAgent } = identity;
  return {
    iss: issuer.slice(0, MAX_FIELD),
    sub: subject.slice(0, MAX_FIELD),
    ...(email === undefined ? {} : { email: email.slice(0, MAX_FIELD) }),
    ...(name === undefined ? {} : { name: name.slice(0, MAX_FIELD) }),
    ...(ip === undefined ? {} : { ip: ip.slice(0, MAX_FIELD) }),
    ...(userAgent === undefined ? {} : { ua: userAgent.slice(0, MAX_FIELD) }),
  };
}

/** Opens an envelope of a record. Throws when the keys are not those it was sealed with. */
export function openEnvelope(keys: SubjectKeySet, chainUid: string, envelope: EnvelopeFields): SealedIdentity {
  const plain = unseal(keys.seal, Buffer.from(envelope.ct, 'base64'), `${chainUid} ${envelope.actor_ref}`);
  return JSON.parse(plain.toString()) as SealedIdentity;
}

/**
 * Gives identities their references. Encryption costs more than the rest of a record, so it happens once per identity
 * (with its address and client), not once per event.
 */
export class Envelopes {
  readonly #keys: SubjectKeys;
  readonly #chainUid: string;
  readonly #maxEntries: number;
  readonly #cache = new Map<string, CachedEnvelope>();
  #erasures = 0;

  constructor(keys: SubjectKeys, chainUid: string, maxEntries: number) {
    this.#keys = keys;
    this.#chainUid = chainUid;
    this.#maxEntries = maxEntries;
  }

  static #cacheKey(identity: Identity): string {
    const { issuer, subject, email, name, ip, userAgent } = identity;
    return `${issuer}\n${subject}\n${ip ?? ''}\n${userAgent ?? ''}\n${email ?? ''}\n${name ?? ''}`;
  }

  cached(identity: Identity): CachedEnvelope | undefined {
    return this.#cache.get(Envelopes.#cacheKey(identity));
  }

  async load(identity: Identity): Promise<CachedEnvelope> {
    let keys: SubjectKeySet;
    let erasures: number;
    do {
      erasures = this.#erasures;
      keys = await this.#keys.findOrMake({ issuer: identity.issuer, subject: identity.subject });
      // An erasure in between may have destroyed the very key that was read.
    } while (erasures !== this.#erasures);
    const cacheKey = Envelopes.#cacheKey(identity);
    const known = this.#cache.get(cacheKey);
    if (known) return known;
    const ref = randomBytes(16).toString('hex');
    const plain = Buffer.from(JSON.stringify(toSealed(identity)));
    const fields: EnvelopeFields = {
      actor_ref: ref,
      subj: keys.subj,
      ct: seal(keys.seal, plain, `${this.#chainUid} ${ref}`).toString('base64'),
      kek_id: this.#keys.kekId,
    };
    const entry: CachedEnvelope = {
      ref,
      tableId: keys.tableId,
      json: JSON.stringify(fields),
      segment: -1,
      alone: [],
      mac: macWith(keys.mac),
      keys,
    };
    entry.alone = [entry];
    if (this.#cache.size >= this.#maxEntries) this.#cache.delete(this.#cache.keys().next().value!);
    this.#cache.set(cacheKey, entry);
    return entry;
  }

  identityOfSource(source: Source): Identity {
    return {
      ...subjectOfSource(source.ip),
      ip: source.ip,
      ...(source.userAgent === undefined ? {} : { userAgent: source.userAgent }),
    };
  }

  /** Drops all that is remembered of a subject. */
  forget(tableId: string): void {
    this.#erasures += 1;
    for (const [key, entry] of this.#cache) if (entry.tableId === tableId) this.#cache.delete(key);
  }
}
