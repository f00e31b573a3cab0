// Made by `pnpm api` from the declarations of the build. Do not edit.

// dist/index.d.ts, the entry point "@sekisho/pii"

export { createEngine } from './engine.ts';
export type { Engine, EngineOptions, Strictness } from './engine.ts';
export { createMasker } from './masker.ts';
export type { Masked, MaskedFinding, Masker, MaskerOptions, MaskStream } from './masker.ts';
export { allRules } from './default-rules.ts';
export { packs } from './packs.ts';
export type { PackName } from './packs.ts';
export { PiiError } from './error.ts';
export type { PiiErrorCode } from './error.ts';
export type { Finding } from './finding.ts';
export { infoTypeOf, isLabel, labels } from './label.ts';
export type { Label } from './label.ts';
export type { Action, Direction, Policy, PolicyRule, RestoreRule, Where } from './mask/policy.ts';
export type { AnchorRule, Family, FieldRule, IdRule, NumberRun, Rule, RunRule, Scan } from './rule.ts';
export type { Restored, RestoreEvent } from './restore.ts';
export { createTokenVault } from './tokens/vault.ts';
export type { TokenOptions, TokenPlace, TokenStyle, TokenVault } from './tokens/vault.ts';
export type { Opened, TokenScope } from './tokens/sealed.ts';
export { memoryTokenStore } from './tokens/store.ts';
export type { MemoryTokenStoreOptions, StoredToken, TokenStore } from './tokens/store.ts';

// dist/config.d.ts, the entry point "@sekisho/pii/config"

import { z } from 'zod';
/** What of a masker can be said in a file. Keys are not among it: they enter by reference, through code. */
export declare const piiConfig: z.ZodObject<{
    packs: z.ZodDefault<z.ZodArray<z.ZodEnum<{
        au: "au";
        br: "br";
        ca: "ca";
        cn: "cn";
        contact: "contact";
        documents: "documents";
        eu: "eu";
        in: "in";
        jp: "jp";
        kr: "kr";
        network: "network";
        payment: "payment";
        person: "person";
        secrets: "secrets";
        uk: "uk";
        us: "us";
        world: "world";
    }>>>;
    strictness: z.ZodDefault<z.ZodEnum<{
        balanced: "balanced";
        relaxed: "relaxed";
        strict: "strict";
    }>>;
    thresholds: z.ZodDefault<z.ZodRecord<z.ZodEnum<{
        ADDRESS: "ADDRESS";
        BANK_ACCOUNT: "BANK_ACCOUNT";
        BIC: "BIC";
        CREDIT_CARD: "CREDIT_CARD";
        CRYPTO_WALLET: "CRYPTO_WALLET";
        CUSTOM: "CUSTOM";
        DATE_OF_BIRTH: "DATE_OF_BIRTH";
        DEVICE_ID: "DEVICE_ID";
        DRIVER_LICENSE: "DRIVER_LICENSE";
        EMAIL: "EMAIL";
        IBAN: "IBAN";
        IP: "IP";
        LOCATION: "LOCATION";
        MAC: "MAC";
        MEDICAL_ID: "MEDICAL_ID";
        NATIONAL_ID: "NATIONAL_ID";
        ORG: "ORG";
        OTHER_ID: "OTHER_ID";
        PASSPORT: "PASSPORT";
        PERSON: "PERSON";
        PHONE: "PHONE";
        POSTAL_CODE: "POSTAL_CODE";
        SECRET: "SECRET";
        TAX_ID: "TAX_ID";
        URL_CREDENTIALS: "URL_CREDENTIALS";
        US_SSN: "US_SSN";
        VEHICLE_ID: "VEHICLE_ID";
    }> & z.core.$partial, z.ZodNumber>>;
    decode: z.ZodDefault<z.ZodBoolean>;
    policy: z.ZodPrefault<z.ZodObject<{
        rules: z.ZodDefault<z.ZodReadonly<z.ZodArray<z.ZodObject<{
            labels: z.ZodOptional<z.ZodReadonly<z.ZodArray<z.ZodEnum<{
                ADDRESS: "ADDRESS";
                BANK_ACCOUNT: "BANK_ACCOUNT";
                BIC: "BIC";
                CREDIT_CARD: "CREDIT_CARD";
                CRYPTO_WALLET: "CRYPTO_WALLET";
                CUSTOM: "CUSTOM";
                DATE_OF_BIRTH: "DATE_OF_BIRTH";
                DEVICE_ID: "DEVICE_ID";
                DRIVER_LICENSE: "DRIVER_LICENSE";
                EMAIL: "EMAIL";
                IBAN: "IBAN";
                IP: "IP";
                LOCATION: "LOCATION";
                MAC: "MAC";
                MEDICAL_ID: "MEDICAL_ID";
                NATIONAL_ID: "NATIONAL_ID";
                ORG: "ORG";
                OTHER_ID: "OTHER_ID";
                PASSPORT: "PASSPORT";
                PERSON: "PERSON";
                PHONE: "PHONE";
                POSTAL_CODE: "POSTAL_CODE";
                SECRET: "SECRET";
                TAX_ID: "TAX_ID";
                URL_CREDENTIALS: "URL_CREDENTIALS";
                US_SSN: "US_SSN";
                VEHICLE_ID: "VEHICLE_ID";
            }>>>>;
            direction: z.ZodOptional<z.ZodUnion<readonly [z.ZodEnum<{
                audit: "audit";
                log: "log";
                "to-model": "to-model";
                "to-tool": "to-tool";
            }>, z.ZodReadonly<z.ZodArray<z.ZodEnum<{
                audit: "audit";
                log: "log";
                "to-model": "to-model";
                "to-tool": "to-tool";
            }>>>]>>;
            server: z.ZodOptional<z.ZodString>;
            tool: z.ZodOptional<z.ZodString>;
            path: z.ZodOptional<z.ZodString>;
            action: z.ZodEnum<{
                allow: "allow";
                block: "block";
                "format-preserving": "format-preserving";
                hash: "hash";
                partial: "partial";
                redact: "redact";
                tokenize: "tokenize";
            }>;
        }, z.core.$strict>>>>;
        otherwise: z.ZodDefault<z.ZodEnum<{
            allow: "allow";
            block: "block";
            "format-preserving": "format-preserving";
            hash: "hash";
            partial: "partial";
            redact: "redact";
            tokenize: "tokenize";
        }>>;
        restore: z.ZodDefault<z.ZodReadonly<z.ZodArray<z.ZodObject<{
            labels: z.ZodOptional<z.ZodReadonly<z.ZodArray<z.ZodEnum<{
                ADDRESS: "ADDRESS";
                BANK_ACCOUNT: "BANK_ACCOUNT";
                BIC: "BIC";
                CREDIT_CARD: "CREDIT_CARD";
                CRYPTO_WALLET: "CRYPTO_WALLET";
                CUSTOM: "CUSTOM";
                DATE_OF_BIRTH: "DATE_OF_BIRTH";
                DEVICE_ID: "DEVICE_ID";
                DRIVER_LICENSE: "DRIVER_LICENSE";
                EMAIL: "EMAIL";
                IBAN: "IBAN";
                IP: "IP";
                LOCATION: "LOCATION";
                MAC: "MAC";
                MEDICAL_ID: "MEDICAL_ID";
                NATIONAL_ID: "NATIONAL_ID";
                ORG: "ORG";
                OTHER_ID: "OTHER_ID";
                PASSPORT: "PASSPORT";
                PERSON: "PERSON";
                PHONE: "PHONE";
                POSTAL_CODE: "POSTAL_CODE";
                SECRET: "SECRET";
                TAX_ID: "TAX_ID";
                URL_CREDENTIALS: "URL_CREDENTIALS";
                US_SSN: "US_SSN";
                VEHICLE_ID: "VEHICLE_ID";
            }>>>>;
            server: z.ZodString;
            tool: z.ZodOptional<z.ZodString>;
        }, z.core.$strict>>>>;
    }, z.core.$strict>>;
    numbers: z.ZodDefault<z.ZodEnum<{
        number: "number";
        string: "string";
    }>>;
    placeholders: z.ZodDefault<z.ZodEnum<{
        label: "label";
        valid: "valid";
    }>>;
    skipPaths: z.ZodDefault<z.ZodArray<z.ZodString>>;
    maxStringLength: z.ZodDefault<z.ZodInt>;
    tokens: z.ZodOptional<z.ZodObject<{
        style: z.ZodDefault<z.ZodEnum<{
            "look-alike": "look-alike";
            "self-describing": "self-describing";
        }>>;
        ttlSeconds: z.ZodDefault<z.ZodInt>;
    }, z.core.$strict>>;
}, z.core.$strict>;
export type PiiConfig = z.output<typeof piiConfig>;
/** Rules of several packs, each once. */
export declare function uniqueRules(names: readonly PackName[]): readonly Rule[];
/** The part of the options that the configuration determines; keys and stores are added by the caller. */
export declare function toOptions(config: PiiConfig): Omit<MaskerOptions, 'tokens' | 'hashKey' | 'formatKey' | 'engine'>;

// dist/streams.d.ts, the entry point "@sekisho/pii/streams"

import { Transform } from 'node:stream';
export interface StreamOptions {
    /** Default `text`. */
    readonly format?: 'text' | 'json';
    readonly where?: Where;
}
/**
 * A web stream that masks UTF-8 bytes. Bytes that are no UTF-8 come out as U+FFFD. Errors with ERR_PII_BLOCKED at the
 * first finding whose action is `block`.
 */
export declare function maskBytes(masker: Masker, options?: StreamOptions): TransformStream<Uint8Array, Uint8Array>;
/** A web stream that masks strings, such as the deltas of a model. */
export declare function maskStrings(masker: Masker, options?: StreamOptions): TransformStream<string, string>;
/** A Node.js Transform that masks bytes or strings; gives out UTF-8. Destroyed with ERR_PII_BLOCKED as `maskBytes` is. */
export declare function maskTransform(masker: Masker, options?: StreamOptions): Transform;

// dist/pino.d.ts, the entry point "@sekisho/pii/pino"

/** The part of pino's options that this fills. */
export interface MaskingHooks {
    readonly hooks: {
        readonly streamWrite: (line: string) => string;
    };
}
/**
 * Options for pino that mask every finished line, whatever it was made of: messages, bindings, errors, nested objects.
 * Tokens are never restored into a log, and a policy with `tokenize` for logs would put them there, so give logs a rule of
 * their own. Never throws.
 */
export declare function maskingHooks(masker: Masker, where?: Where): MaskingHooks;
/** A destination for pino, or anything with `write`, that masks lines on their way to another one. */
export declare function maskingDestination(masker: Masker, destination: {
    write(line: string): unknown;
}, where?: Where): {
    write(line: string): void;
};

// dist/entities.d.ts, the entry point "@sekisho/pii/entities"

/** Something that finds named entities, such as a model run by ONNX. This package brings none. */
export interface EntityEngine {
    /** Spans in UTF-16 code units. May take long; give `signal` a deadline. */
    find(text: string, signal?: AbortSignal): Promise<readonly {
        readonly start: number;
        readonly end: number;
        readonly label: Label;
        readonly score: number;
    }[]>;
}
export interface EntityOptions {
    readonly engine: Engine;
    readonly entities: EntityEngine;
    /** Least score that is taken from the model. Default 0.6. */
    readonly least?: number;
}
/**
 * Adds the entities of a model to what the rules find, by the same rule for overlaps.
 *
 * @throws PiiError ERR_PII_ENTITY_ENGINE when the model fails or answers with a span outside the text: the caller decides
 * whether the rules alone are enough.
 */
export declare function findWithEntities(options: EntityOptions, text: string, signal?: AbortSignal): Promise<Finding[]>;

// dist/noren.d.ts, the entry point "@sekisho/pii/noren"

/** A detector as the plugins of noren write it, as far as it is used here. */
export interface NorenDetector {
    readonly id: string;
    match(input: {
        readonly src: string;
        push(hit: {
            readonly type: string;
            readonly start: number;
            readonly end: number;
            readonly value: string;
        }): void;
    }): void | Promise<void>;
}
export interface NorenOptions {
    /** Label of each type of the plugin; types that are not named become CUSTOM. */
    readonly labels?: Readonly<Record<string, Label>>;
    /** Default 0.7. */
    readonly score?: number;
}
/**
 * Makes rules of a noren plugin's detectors. They see whole JSON values only, since they have neither anchor nor bound;
 * detectors that answer with a promise find nothing here, and their speed is their own.
 */
export declare function fromNorenPlugin(detectors: readonly NorenDetector[], options?: NorenOptions): readonly FieldRule[];

// dist/format-preserving.d.ts, the entry point "@sekisho/pii/format-preserving"

export { createFf1 } from './mask/ff1.ts';
export type { Ff1 } from './mask/ff1.ts';

// dist/contact/index.d.ts, the entry point "@sekisho/pii/contact"

export { isInternational } from './calling-codes.ts';
/** E-mail addresses, also spelled out, and phone numbers world-wide. */
export declare const contact: Family;

// dist/payment/index.d.ts, the entry point "@sekisho/pii/payment"

export { hasIssuer } from './card.ts';
export { ibanLengths, isIban } from './iban.ts';
export { isBase58Check, isBech32 } from './wallet.ts';
/** Cards, IBANs, BICs, bank accounts by context, and wallets. */
export declare const payment: Family;

// dist/government/index.d.ts, the entry point "@sekisho/pii/government"

/** Numbers of persons by country. */
export declare const nationalIds: Family;
export { documents, taxIds };
/** Numbers that states give to persons, companies, documents and vehicles. */
export declare const government: Family;

// dist/network/index.d.ts, the entry point "@sekisho/pii/network"

/** IP and MAC addresses, and URLs that carry credentials. */
export declare const network: Family;

// dist/secrets/index.d.ts, the entry point "@sekisho/pii/secrets"

export type { KeyFormat } from './providers.ts';
export { formatRule } from './format-rule.ts';
export { knownSecrets } from './known.ts';
export { hostFormats, serviceFormats };
/** Keys, tokens, passwords and private keys, by the formats of their providers and by the names they stand under. */
export declare const secrets: Family;

// dist/person/index.d.ts, the entry point "@sekisho/pii/person"

/** Names, addresses and dates of birth in JSON, by their keys only: nothing else makes them safe to tell. */
export declare const personFields: FieldRule;
/** Names behind an honorific. */
export declare const honorifics: AnchorRule;
/** Dates behind the words that say somebody was born on them. */
export declare const births: AnchorRule;
/** What can be told of persons without a language model: names by key or honorific, addresses by key, dates of birth. */
export declare const person: Family;

// dist/phones.d.ts, the entry point "@sekisho/pii/phones"

import type { CountryCode } from 'libphonenumber-js/max';
/**
 * Finds numbers that are written as in the countries given, by the plans of libphonenumber: a valid national number in
 * two groups or more needs no word around it. Use it beside `contact`, for the countries one's users live in: the more
 * countries, the more other numbers look valid.
 *
 * @throws TypeError when no country is given.
 */
export declare function nationalPhones(countries: readonly CountryCode[]): RunRule;

// dist/contact/calling-codes.d.ts

/**
 * True when an international number, digits only and without its `+`, has a calling code and a length that exist.
 * A single trunk zero behind the code, as in `+44 (0)20`, is left out. Says nothing about whether the number is in use.
 */
export declare function isInternational(digits: string): boolean;

// dist/default-rules.d.ts

/** Every family of this package. */
export declare const allRules: Family;

// dist/engine.d.ts

/** How sure a finding must be. `strict` masks more and errs more. */
export type Strictness = 'strict' | 'balanced' | 'relaxed';
export interface EngineOptions {
    /** Rules of all families wanted. At least one. */
    readonly rules: readonly Rule[];
    /** Least score of a finding. Default `balanced`. */
    readonly strictness?: Strictness;
    /** Least score for single labels, 0 to 1; goes before `strictness`. */
    readonly thresholds?: Partial<Readonly<Record<Label, number>>>;
    /** Look inside base64 and hexadecimal words, one level deep. Default true. */
    readonly decode?: boolean;
}
/** Rules made ready: finds, does not change anything. Engines have no state between calls and may be shared. */
export interface Engine {
    /** Findings in running text, sorted, without overlaps. Offsets are those of the text given. */
    find(text: string): Finding[];
    /** The same with keys as context when the text is JSON; text that is no JSON is searched as text. */
    findJson(text: string): Finding[];
}
/**
 * Compiles rules into an engine.
 *
 * @throws TypeError when there is no rule, two share an id, one has no anchor, or a threshold is outside 0 to 1.
 */
export declare function createEngine(options: EngineOptions): Engine;

// dist/error.d.ts

/** Codes of the failures of this package. Refusals are values and have no code. */
export type PiiErrorCode = 'ERR_PII_BLOCKED' | 'ERR_PII_ENTITY_ENGINE';
/** A failure of masking. It never carries the text. */
export declare class PiiError extends Error {
    readonly name = "PiiError";
    readonly code: PiiErrorCode;
    constructor(code: PiiErrorCode, message: string, options?: ErrorOptions);
}

// dist/finding.d.ts

/** One found piece of text. It never holds the text itself, so that it can be logged. */
export interface Finding {
    /** First index, in UTF-16 code units of the text that was searched. */
    readonly start: number;
    /** Index after the last code unit. */
    readonly end: number;
    readonly label: Label;
    /** Which detector found it, such as `secrets/github`. */
    readonly rule: string;
    /** Confidence from 0 to 1. */
    readonly score: number;
}
/**
 * The one rule for overlaps: findings that overlap become one span, their union, under the name of the strongest. So no
 * fragment of a losing finding is left unmasked. The input must be sorted by start.
 */
export declare function mergeFindings(sorted: readonly Finding[]): Finding[];
/** Order in which findings are merged: by start, the longer first. */
export declare const byStart: (a: Finding, b: Finding) => number;

// dist/government/documents.d.ts

/** Social security numbers of the USA, passports, licences, vehicles, devices and medical numbers. */
export declare const documents: readonly IdRule[];

// dist/government/tax.d.ts

/** Numbers of taxpayers, persons and companies. */
export declare const taxIds: readonly IdRule[];

// dist/label.d.ts

/** What a found piece of text is. The names are those of the labelled corpora, so that figures compare. */
export type Label = 'EMAIL' | 'PHONE' | 'CREDIT_CARD' | 'IBAN' | 'BIC' | 'BANK_ACCOUNT' | 'CRYPTO_WALLET' | 'US_SSN' | 'NATIONAL_ID' | 'TAX_ID' | 'MEDICAL_ID' | 'PASSPORT' | 'DRIVER_LICENSE' | 'VEHICLE_ID' | 'DEVICE_ID' | 'OTHER_ID' | 'IP' | 'MAC' | 'PERSON' | 'ADDRESS' | 'LOCATION' | 'POSTAL_CODE' | 'DATE_OF_BIRTH' | 'SECRET' | 'URL_CREDENTIALS' | 'ORG' | 'CUSTOM';
/** Every label, riskiest first. */
export declare const labels: readonly Label[];
/** Where two findings overlap, the one whose label has the higher risk names the masked span. */
export declare const riskOf: (label: Label) => number;
/** The corresponding infoType name of Google's Sensitive Data Protection, for those who map policies. */
export declare const infoTypeOf: (label: Label) => string;
/** True for a name of a label; useful where policies come from data. */
export declare const isLabel: (name: string) => name is Label;

// dist/mask/ff1.d.ts

/** One run of FF1 over digits in a radix of 2 to 65,536 (NIST SP 800-38G, algorithms 7 and 8). */
export interface Ff1 {
    encrypt(digits: readonly number[], radix: number, tweak: Uint8Array): number[];
    decrypt(digits: readonly number[], radix: number, tweak: Uint8Array): number[];
}
/**
 * Format-preserving encryption with AES.
 *
 * @param key 16, 24 or 32 bytes.
 * @throws TypeError when the key has another length.
 */
export declare function createFf1(key: Uint8Array): Ff1;

// dist/mask/policy.d.ts

/** What is done with a found value. */
export type Action = 'allow' | 'redact' | 'partial' | 'hash' | 'format-preserving' | 'tokenize' | 'block';
/** Where a text is going: to the model (results), to a tool (arguments), into a log or into the record. */
export type Direction = 'to-model' | 'to-tool' | 'log' | 'audit';
/** What is known of a text besides itself. */
export interface Where {
    readonly direction: Direction;
    /** Name of the server the text comes from or goes to. */
    readonly server?: string;
    readonly tool?: string;
    /** Whose values these are; binds tokens. */
    readonly tenant?: string;
    readonly principal?: string;
}
/** One line of a policy. What is left out means any. */
export interface PolicyRule {
    readonly labels?: readonly Label[];
    readonly direction?: Direction | readonly Direction[];
    /** Name, with `*` for any characters. */
    readonly server?: string;
    readonly tool?: string;
    /** `$.items[*].email`, `$..password`; applies to JSON only. */
    readonly path?: string;
    readonly action: Action;
}
/** Toward which servers tokens of which labels become values again. */
export interface RestoreRule {
    readonly labels?: readonly Label[];
    readonly server: string;
    readonly tool?: string;
}
export interface Policy {
    /** The first rule that applies decides. Default none. */
    readonly rules?: readonly PolicyRule[];
    /** What happens where no rule applies. Default `redact`. */
    readonly otherwise?: Action;
    /** Without a rule nothing is ever restored. Default none. */
    readonly restore?: readonly RestoreRule[];
}
/** A policy ready to be asked. */
export interface Decider {
    action(label: Label, where: Where, path: readonly PathStep[] | undefined): Action;
    mayRestore(label: Label, where: Where): boolean;
}
/**
 * Compiles a policy.
 *
 * @throws TypeError for an unknown label or a path that cannot be read.
 */
export declare function compilePolicy(policy?: Policy): Decider;

// dist/masker.d.ts

/** A finding and what was done about it. It never holds the value. */
export interface MaskedFinding extends Finding {
    readonly action: Action;
    /** Place in JSON, `$.items[0].email`. Absent in text. */
    readonly path?: string;
}
/** A masked text. */
export interface Masked {
    /** The very same string when nothing was changed. */
    readonly text: string;
    readonly findings: readonly MaskedFinding[];
    /** A finding whose action is `block`: the text must not go on, not even masked. */
    readonly blocked: boolean;
}
/** A masker for one stream. */
export interface MaskStream {
    /** Takes a piece and answers what may go out. */
    push(text: string): string;
    /** Answers the rest. */
    end(): string;
    /** Code units that the stream keeps at this moment. */
    readonly held: number;
    /** How many findings there were of each label. */
    readonly counts: ReadonlyMap<Label, number>;
    /** The first 1,000 findings; offsets are not given for streams. Masking itself has no limit. */
    readonly findings: readonly Omit<MaskedFinding, 'start' | 'end'>[];
    readonly blocked: boolean;
}
export interface MaskerOptions extends Partial<EngineOptions> {
    /** An engine made before; goes before `rules`. One of the two is needed. */
    readonly engine?: Engine;
    /** Default: everything found is redacted. */
    readonly policy?: Policy;
    /** Key of `hash`, at least 16 bytes; its id is written beside each hash. */
    readonly hashKey?: {
        readonly id: string;
        readonly secret: Uint8Array;
    };
    /** Key of `format-preserving`, 16, 24 or 32 bytes. */
    readonly formatKey?: Uint8Array;
    /** How tokens are made; needed for `tokenize`. */
    readonly tokens?: TokenOptions;
    /** What stands for a JSON number: `number` keeps the type (0, or other digits), `string` writes what text gets. Default `number`. */
    readonly numbers?: 'number' | 'string';
    /** What `redact` writes: `label` is `[EMAIL]`; `valid` is a value that a schema with a format accepts. Default `label`. */
    readonly placeholders?: 'label' | 'valid';
    /**
     * Ids of rules whose findings must not stay, whatever the policy says: where it says `allow` they are redacted. For
     * secrets of one's own, as `secrets/known` finds them. Default none.
     */
    readonly always?: readonly string[];
    /** Paths that are left alone in JSON, such as `$.content[*].data`. Default none. */
    readonly skipPaths?: readonly string[];
    /** Longest JSON string that is held as a whole, in code units; a longer one is masked as it passes. Default 262,144, least 1,024. */
    readonly maxStringLength?: number;
}
/** Finds and masks. Synchronous and without state between calls. */
export interface Masker {
    readonly engine: Engine;
    /** Masks running text. */
    mask(text: string, where?: Where): Masked;
    /** Masks JSON text in place: bytes outside findings are the ones given. Text that is no JSON is masked as text. */
    maskJson(json: string, where?: Where): Masked;
    /** Masks a value that JSON can carry; the same object comes back when it is clean. */
    maskValue<Value>(value: Value, where?: Where): {
        readonly value: Value;
        readonly findings: readonly MaskedFinding[];
        readonly blocked: boolean;
    };
    textStream(where?: Where): MaskStream;
    jsonStream(where?: Where): MaskStream;
    /** Turns tokens back into values where the policy allows it for this server and tool. */
    restore(text: string, where: Where): Restored;
    restoreJson(json: string, where: Where): Restored;
}
/**
 * Creates a masker.
 *
 * @throws TypeError for rules without an engine, an action in the policy whose key is missing, or a key of a wrong length.
 */
export declare function createMasker(options: MaskerOptions): Masker;

// dist/packs.d.ts

/** Families by subject, and the numbers of single countries. */
export type PackName = keyof typeof packs;
/** Ready sets of rules. Rules of several packs may overlap; `uniqueRules` of the configuration drops the doubles. */
export declare const packs: {
    readonly secrets: Family;
    readonly network: Family;
    readonly payment: Family;
    readonly contact: Family;
    readonly person: Family;
    readonly documents: IdRule[];
    readonly us: Family;
    readonly jp: Family;
    readonly uk: Family;
    readonly eu: Family;
    readonly in: Family;
    readonly br: Family;
    readonly kr: Family;
    readonly cn: Family;
    readonly ca: Family;
    readonly au: Family;
    readonly world: Family;
};

// dist/path.d.ts

/** A key or an index. */
export type PathStep = string | number;
/** Tells whether a path is meant by a pattern. */
export type PathTest = (path: readonly PathStep[]) => boolean;
/**
 * Compiles a pattern of the JSONPath kind: `$.a.b`, `$.items[*].name`, `$.items[0]`, `$..email`, `$['odd key']`.
 *
 * @throws TypeError when it is not of that form.
 */
export declare function compilePath(pattern: string): PathTest;
/** Writes a path the way patterns are written. */
export declare const formatPath: (path: readonly PathStep[]) => string;

// dist/payment/card.d.ts

/** True when an issuer gives out numbers of this length that begin so; says nothing about the check digit. */
export declare function hasIssuer(digits: string): boolean;
/** Card numbers: issuer range, length and Luhn's sum, in any of the usual groupings. */
export declare const card: RunRule;

// dist/payment/iban.d.ts

/** Length of an account number by country (SWIFT IBAN registry). */
export declare const ibanLengths: Readonly<Record<string, number>>;
/** True for an account number of the right length for its country with right check digits (ISO 13616, mod 97-10). */
export declare function isIban(compact: string): boolean;
/** IBANs in any grouping: the country gives the length, so groups are added until it is reached. */
export declare const iban: RunRule;
/** Bank accounts by context: the forms are too plain for anything else. */
export declare const bankAccounts: readonly IdRule[];

// dist/payment/wallet.d.ts

/** True when the last four bytes are the double SHA-256 of the rest (Base58Check). */
export declare function isBase58Check(text: string): boolean;
/** Check sum of a SegWit address: 1 for Bech32 (BIP 173), 0x2bc830a3 for Bech32m (BIP 350). */
export declare function isBech32(text: string): boolean;
/** Ethereum and SegWit addresses, which say what they are by their prefix. */
export declare const prefixedWallet: AnchorRule;
/** Older Bitcoin, Litecoin, Dogecoin and Tron addresses, known by their check sum. */
export declare const legacyWallet: RunRule;

// dist/restore.d.ts

/** What became of one token. It never holds the value. */
export interface RestoreEvent {
    /** `refused`: the token is good, but this server may not have the value. */
    readonly outcome: 'restored' | 'refused' | 'expired' | 'foreign-or-tampered' | 'malformed';
    readonly label: Label | undefined;
    readonly path?: string;
}
/** A text in which tokens became values again, where that was allowed. */
export interface Restored {
    readonly text: string;
    readonly events: readonly RestoreEvent[];
}
/** Restores tokens in running text. A token that may not be restored stays as it is and is reported. */
export declare function restoreText(text: string, where: Where, policy: Decider, vault: TokenVault | undefined, path?: readonly PathStep[]): Restored;
/** Restores tokens in the strings, keys and numbers of JSON text; a number becomes a number again. */
export declare function restoreJson(json: string, where: Where, policy: Decider, vault: TokenVault | undefined): Restored;

// dist/rule.d.ts

/** How far before its anchor a finding may begin, in code units. */
export declare const reachBack = 128;
/** How far behind an anchor a rule may read, in code units. A longer value is followed by state, not by reading. */
export declare const reachAhead = 640;
/** How far behind the first digit of a number a rule may read. */
export declare const digitReach = 224;
/** How much text before a finding its context may draw on. */
export declare const contextReach = 96;
/** What a rule sees of the text: a window around its anchor, the same window whatever the chunks were. */
export interface Scan {
    /** The folded text. Rules read it only between `lo` and `hi`. */
    readonly text: string;
    readonly lo: number;
    readonly hi: number;
    /** True when `hi` is the end of the window rather than of the text: what reaches it may go on. */
    readonly full: boolean;
    /** The key or column the text stands under, normalised to lower-case words; empty where there is none. */
    readonly key: string;
    /** Reports a finding. */
    add(start: number, end: number, label: Label, rule: string, score: number): void;
    /** Reports a finding that goes on behind `hi`, to be followed to its end by state. */
    follow(start: number, from: number, kind: 'token' | 'pem', label: Label, rule: string, score: number): void;
    /** Words before and after a candidate, lower case, without marks, single-spaced. */
    context(start: number, end: number): string;
}
/** A rule that is tried where one of its literals ends. Literals are matched without regard to case. */
export interface AnchorRule {
    readonly kind: 'anchor';
    readonly id: string;
    readonly label: Label;
    readonly anchors: readonly string[];
    /** `start` and `end` delimit the literal. The answer is the index before which this rule need not be tried again. */
    match(scan: Scan, start: number, end: number): number;
}
/** A run of groups of letters and digits, as it was written: `4111 1111`, `GB82-WEST`, `(415) 555`. */
export interface NumberRun {
    /** Start and end of each group. */
    readonly starts: Int32Array;
    readonly ends: Int32Array;
    /** Code of the separator before each group: its character, or 1 for a mix. */
    readonly separators: Int32Array;
    count: number;
    /** How many of its first groups are digits and nothing else. */
    plain: number;
    /** Letters and digits in all groups together. */
    size: number;
    /** The run is glued to something by `-`, `.`, `/` or `_` on the left, as in a path or a decimal. */
    gluedLeft: boolean;
}
/** A rule that looks at a whole run by itself: phone numbers, cards, addresses. The answer is the end of a finding or 0. */
export interface RunRule {
    readonly kind: 'run';
    readonly id: string;
    readonly label: Label;
    /** Fewest letters and digits in the run; a shorter run is not shown to the rule. Default 0. */
    readonly least?: number;
    /** Shortest first group and longest one; others are not shown to the rule. Default any. */
    readonly firstGroup?: readonly [least: number, most: number];
    /** What the first group begins with. Default either. */
    readonly begins?: 'digit' | 'letter';
    match(scan: Scan, run: NumberRun): number;
}
/** A number with a fixed form, given as data: most identity numbers. */
export interface IdRule {
    readonly kind: 'id';
    readonly id: string;
    readonly label: Label;
    /** Number of letters and digits, separators left out. */
    readonly lengths: readonly number[];
    /** Form of the compact, upper-case text. */
    readonly form: RegExp;
    /** Check digits. Absent: the form alone, which then needs context. */
    readonly check?: (compact: string) => boolean;
    /** Words that make the number likely, as a source of a regular expression over `Scan.context`. */
    readonly context: RegExp;
    /** Score without any context, 0 when context is required. */
    readonly base: number;
    /** Score with context; default 0.9. */
    readonly known?: number;
    /** Lengths of the groups in which it is believed without context, such as `3-2-4`; absent: any. */
    readonly groups?: RegExp;
    /** Separators between its groups without context; default space and hyphen. */
    readonly separators?: string;
    /** Score with context when the check digits are wrong; default 0: not a finding. */
    readonly unchecked?: number;
}
/** A value that its key gives away, whatever it looks like: `{"password": "correct horse"}`. JSON only. */
export interface FieldRule {
    readonly kind: 'field';
    readonly id: string;
    /** Whether keys of these words concern the rule at all; asked once per key. Absent: all do. */
    concerns?(key: string): boolean;
    /** Takes the key as normalised words and the whole value; answers label and score, or undefined. */
    match(key: string, value: string): {
        readonly label: Label;
        readonly score: number;
    } | undefined;
}
export type Rule = AnchorRule | RunRule | IdRule | FieldRule;
/** Rules of one family, ready for `createEngine`. */
export type Family = readonly Rule[];

// dist/secrets/format-rule.d.ts

/** Turns one key format into a rule: the literal is the anchor, the rest a sticky expression with bounded quantifiers. */
export declare function formatRule([provider, prefixes, rest]: KeyFormat): AnchorRule;

// dist/secrets/known.d.ts

/**
 * Exact values that must never be seen, such as the keys the program itself holds: found as they are and in their JSON,
 * URL, base64 and hexadecimal forms, whatever stands around them, encoded with them or not.
 *
 * @param values at least 6 code units each.
 * @throws TypeError when a value is shorter, since it would mask ordinary words, or has no form in printable ASCII.
 */
export declare function knownSecrets(values: readonly string[]): AnchorRule;

// dist/secrets/providers-services.d.ts

/** Key formats of models, messaging, payment and other services. */
export declare const serviceFormats: readonly KeyFormat[];

// dist/secrets/providers.d.ts

/** One key format: provider, the literals it begins with, and what follows the literal. All quantifiers are bounded. */
export type KeyFormat = readonly [provider: string, prefixes: readonly string[], rest: string];
/** Key formats that say by their prefix whose they are: the cloud, code and package hosts. */
export declare const hostFormats: readonly KeyFormat[];

// dist/tokens/sealed.d.ts

/** Whose token it is. A token of one scope means nothing in another. */
export interface TokenScope {
    readonly tenant: string;
    readonly principal: string;
}
/** What a token turned out to be. */
export type Opened = {
    readonly ok: true;
    readonly label: Label;
    readonly value: string;
} | {
    readonly ok: false;
    readonly reason: 'malformed' | 'foreign-or-tampered' | 'expired';
};
export interface SealOptions {
    /** Keys by id; the first seals, all open. Ids are 0 to 255, keys 32 bytes. */
    readonly keys: readonly {
        readonly id: number;
        readonly secret: Uint8Array;
    }[];
    /** How long a token can be opened, in seconds. Between one and two times this, since equal values share a token. Default 86,400, range 60 to 31,536,000. */
    readonly ttlSeconds?: number;
    /** The time in milliseconds since 1970. Default `Date.now`. */
    readonly now?: () => number;
}
/** Turns values into sealed text and back. Nothing is stored. */
export interface Sealer {
    seal(label: Label, value: string, scope: TokenScope): Uint8Array;
    open(sealed: Uint8Array, label: Label, scope: TokenScope): Opened;
}
/**
 * Seals with AES-256-GCM under a key of the scope. The nonce is a keyed hash of everything sealed, so the same value gives
 * the same token while it lasts, and no nonce is used for two texts. Label, scope and expiry are bound as additional data.
 *
 * @throws TypeError for no key, a key that is not 32 bytes, an id outside 0 to 255, or a lifetime outside its range.
 */
export declare function createSealer(options: SealOptions): Sealer;

// dist/tokens/store.d.ts

/** A value kept under a token that looks like it. */
export interface StoredToken {
    readonly token: string;
    readonly label: Label;
    readonly value: string;
    /** Milliseconds since 1970 after which it is nobody's any more. */
    readonly expiresAtMs: number;
}
/** Keeps look-alike tokens by scope. Synchronous, since masking is. */
export interface TokenStore {
    byToken(scope: string, token: string): StoredToken | undefined;
    byValue(scope: string, label: Label, value: string): StoredToken | undefined;
    put(scope: string, entry: StoredToken): void;
    /** Every token of the scope that has not expired. */
    tokens(scope: string): Iterable<string>;
}
export interface MemoryTokenStoreOptions {
    /** Most entries in all; the longest unused goes first. Default 100,000, at least 1. */
    readonly maxEntries?: number;
    /** The time in milliseconds since 1970. Default `Date.now`. */
    readonly now?: () => number;
}
/**
 * Tokens in the memory of this process.
 *
 * @throws TypeError when `maxEntries` is below 1.
 */
export declare function memoryTokenStore(options?: MemoryTokenStoreOptions): TokenStore;

// dist/tokens/vault.d.ts

/** `self-describing`: `[[EMAIL:…]]`. `look-alike`: an address, a number of the same form, where that is possible. */
export type TokenStyle = 'self-describing' | 'look-alike';
export interface TokenOptions extends SealOptions {
    /** Default `self-describing`. */
    readonly style?: TokenStyle;
    /** Needed for look-alike numbers, which have no room for a sealed value. Default none: those become self-describing. */
    readonly store?: TokenStore;
}
/** A token that stands in a text. */
export interface TokenPlace {
    readonly start: number;
    readonly end: number;
    readonly opened: Opened;
    readonly label: Label | undefined;
}
/** Makes tokens and finds them again. */
export interface TokenVault {
    /** A token for the value; equal values of one scope and label get equal tokens while they last. */
    issue(label: Label, value: string, scope: TokenScope): string;
    /** The same for a JSON number: another safe integer of as many digits, or undefined without a store. */
    issueNumber(label: Label, value: string, scope: TokenScope): string | undefined;
    /** Tokens in the text, sorted, opened where the scope is right. */
    find(text: string, scope: TokenScope): TokenPlace[];
}
/**
 * Creates the maker and finder of tokens.
 *
 * @throws TypeError as `createSealer` does.
 */
export declare function createTokenVault(options: TokenOptions): TokenVault;
