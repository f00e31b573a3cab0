import {
  allRules,
  createMasker,
  memoryTokenStore,
  type Action,
  type Masker,
  type MaskerOptions,
  type Policy,
  type Rule,
} from '@sekisho/pii';
import { toOptions } from '@sekisho/pii/config';
import { knownSecrets } from '@sekisho/pii/secrets';
import type { PiiKeys } from './pii-keys.ts';
import type { PiiSection } from './pii-section.ts';

/** What ties messages together is no content. */
const CORRELATION = ['$.progressToken', '$._meta.progressToken', '$.requestState', '$.nextCursor'];
/** A secret of the configuration may go nowhere, whatever the rules allow. */
const ALWAYS = ['secrets/known'];

/**
 * Follows the rules of the operator: a secret on its way to a server stops the call, since masked it would be a wrong
 * argument; anything else that somebody typed is what the tool was called with.
 */
const TO_SERVERS: NonNullable<Policy['rules']> = [
  { labels: ['SECRET', 'URL_CREDENTIALS'], direction: 'to-tool', action: 'block' },
  { direction: 'to-tool', action: 'allow' },
];

const known = (secrets: readonly string[]): readonly Rule[] => (secrets.length === 0 ? [] : [knownSecrets(secrets)]);

// Content is whole here, so no string of it need be looked at in pieces.
const optionsOf = (section: PiiSection): ReturnType<typeof toOptions> =>
  toOptions({ ...section, maxStringLength: section.maxScanBytes });

/** Looks for the secrets of the configuration and for nothing else. Undefined where there are none. */
export function secretsMasker(secrets: readonly string[]): Masker | undefined {
  if (secrets.length === 0) return undefined;
  return createMasker({
    rules: known(secrets),
    decode: false,
    policy: { rules: [{ direction: 'to-tool', action: 'block' }] },
    skipPaths: CORRELATION,
  });
}

/** Looks for everything that the section asks for, and for the secrets of the configuration. */
export function sectionMasker(
  section: PiiSection,
  secrets: readonly string[],
  keys: PiiKeys | undefined,
  now: () => number,
): Masker {
  const { rules = [], policy, skipPaths = [], ...options } = optionsOf(section);
  const made: MaskerOptions = {
    ...options,
    rules: [...rules, ...known(secrets)],
    policy: { ...policy, rules: [...(policy?.rules ?? []), ...TO_SERVERS] },
    skipPaths: [...skipPaths, ...CORRELATION],
    always: ALWAYS,
  };
  if (keys === undefined) return createMasker(made);
  return createMasker({
    ...made,
    hashKey: keys.hash,
    formatKey: keys.format,
    tokens: { ...section.tokens, keys: keys.tokens, store: memoryTokenStore({ now }), now },
  });
}

/** Whether anything of the section is made with a key. */
export function needsKeys({ tokens, policy }: PiiSection): boolean {
  const keyed: readonly Action[] = ['tokenize', 'hash', 'format-preserving'];
  return (
    tokens !== undefined ||
    [policy.otherwise, ...policy.rules.map(({ action }) => action)].some((one) => keyed.includes(one))
  );
}

/** For our own log and record: everything that can be found is redacted, section or not. */
export function writingMasker(section: PiiSection | undefined, secrets: readonly string[]): Masker {
  if (section === undefined) return createMasker({ rules: [...allRules, ...known(secrets)], skipPaths: OWN_FIELDS });
  const { rules = [], policy, thresholds = {}, strictness = 'balanced' } = optionsOf(section);
  return createMasker({
    rules: [...rules, ...known(secrets)],
    strictness,
    thresholds,
    // Nothing that could become a value again is written down.
    policy: {
      rules: (policy?.rules ?? []).filter(
        ({ direction, action }) => direction !== undefined && ['allow', 'redact', 'partial'].includes(action),
      ),
    },
    always: ALWAYS,
    skipPaths: OWN_FIELDS,
  });
}

/** Fields of our own log that are times and addresses by themselves; an operator needs to see who was turned away. */
const OWN_FIELDS = ['$.time', '$.pid', '$.address'];
