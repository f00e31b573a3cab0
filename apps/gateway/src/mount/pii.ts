import { isDeepStrictEqual } from 'node:util';
import type { Filter } from '@sekisho/core';
import type { Masker } from '@sekisho/pii';
import type { Log } from '../cli/log.ts';
import { ofListing, toClient, toServer, type Masking, type MaskingCounts } from './pii-filter.ts';
import { openPiiKeys } from './pii-keys.ts';
import { needsKeys, secretsMasker, sectionMasker, writingMasker } from './pii-maskers.ts';
import type { PiiSection } from './pii-section.ts';

/** What a configuration says about what is masked. */
export type PiiSettings = {
  readonly section: PiiSection | undefined;
  /** Secrets of the configuration that no content may hold. */
  readonly secrets: readonly string[];
};

export type PiiOptions = {
  /** Where the key is kept that tokens are made with. */
  readonly stateFolder: string;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

export type PiiStatus = {
  /** `section`: what the section asks for. `secrets`: the secrets of the configuration. `nothing`: there are none. */
  readonly mode: 'section' | 'secrets' | 'nothing';
  /** How many secrets of the configuration are looked for. */
  readonly knownSecrets: number;
} & Readonly<MaskingCounts>;

export type PiiMount = {
  /** Goes before every other filter on the way to a server. */
  readonly inbound: Filter;
  /** Goes after every other filter on the way to a client. */
  readonly outbound: Filter;
  /** For what the record keeps: everything that can be found is redacted, as it is in the log, whatever the section says. */
  readonly forRecord: (text: string) => string;
  /** Makes other settings ready, and answers what puts them in force; undefined where they say the same. */
  prepare(next: PiiSettings): Promise<(() => void) | undefined>;
  status(): PiiStatus;
};

/**
 * Mounts the masking of content. Without a section only the secrets of the configuration are looked for, and where there are
 * none nothing is: then large answers pass without being held.
 *
 * @throws TypeError for a section that makes no sense, Error for a key that cannot be read
 */
export async function mountPii(given: PiiSettings, { stateFolder, log, now }: PiiOptions): Promise<PiiMount> {
  const counts: MaskingCounts = { masked: 0, blocked: 0, restored: 0, refused: 0 };
  const inbound: Filter = {};
  const outbound: Filter = {};
  let inForce = given;
  let writing: Masker | undefined;

  const make = async ({ section, secrets }: PiiSettings): Promise<Masking | undefined> => {
    const plain = secretsMasker(secrets);
    if (section === undefined)
      return plain && { masker: plain, listings: plain, restores: false, maxScan: Number.POSITIVE_INFINITY };
    const keys = needsKeys(section) ? await openPiiKeys(section, stateFolder) : undefined;
    const masker = sectionMasker(section, secrets, keys, now);
    return {
      masker,
      listings: section.descriptions ? masker : plain,
      restores: keys !== undefined,
      maxScan: section.maxScanBytes,
    };
  };
  const put = (settings: PiiSettings, masking: Masking | undefined): void => {
    inForce = settings;
    for (const part of ['inbound', 'outbound', 'listed'] as const) {
      delete inbound[part];
      delete outbound[part];
    }
    if (masking === undefined) return;
    inbound.inbound = toServer(masking, counts, log);
    outbound.outbound = toClient(masking, counts);
    if (masking.listings !== undefined) outbound.listed = ofListing(masking.listings);
  };
  put(given, await make(given));

  return {
    inbound,
    outbound,
    forRecord: (text) => {
      // Made when it is needed for the first time: most records hold no content.
      writing ??= writingMasker(given.section, given.secrets);
      return writing.maskJson(text, { direction: 'audit' }).text;
    },
    prepare: async (next) => {
      if (isDeepStrictEqual(next, inForce)) return undefined;
      const masking = await make(next);
      return () => put(next, masking);
    },
    status: () => {
      const { section, secrets } = inForce;
      return {
        mode: section !== undefined ? 'section' : secrets.length > 0 ? 'secrets' : 'nothing',
        knownSecrets: secrets.length,
        ...counts,
      };
    },
  };
}
