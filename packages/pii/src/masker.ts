import { createEngine } from './engine.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { findRaw, settle } from './engine/find.ts';
import { Scanner } from './engine/scanner.ts';
import type { Finding } from './finding.ts';
import type { Label } from './label.ts';
import { createFf1 } from './mask/ff1.ts';
import { compilePolicy } from './mask/policy.ts';
import type { Action, Policy, Where } from './mask/policy.ts';
import { hashed, longestValue, partial, preserved, redacted } from './mask/replace.ts';
import { stand } from './mask/stand-in.ts';
import { compilePath, formatPath } from './path.ts';
import type { PathStep } from './path.ts';
import { restoreJson, restoreText } from './restore.ts';
import type { Restored } from './restore.ts';
import { JsonStream } from './stream/json-stream.ts';
import type { JsonReplace } from './stream/json-stream.ts';
import { TextStream } from './stream/text-stream.ts';
import { createTokenVault } from './tokens/vault.ts';
import type { TokenScope } from './tokens/sealed.ts';
import type { TokenOptions, TokenVault } from './tokens/vault.ts';

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
  readonly hashKey?: { readonly id: string; readonly secret: Uint8Array };
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
  maskValue<Value>(
    value: Value,
    where?: Where,
  ): { readonly value: Value; readonly findings: readonly MaskedFinding[]; readonly blocked: boolean };
  textStream(where?: Where): MaskStream;
  jsonStream(where?: Where): MaskStream;
  /** Turns tokens back into values where the policy allows it for this server and tool. */
  restore(text: string, where: Where): Restored;
  restoreJson(json: string, where: Where): Restored;
}

const mayBeJson = /^\s*(?:[[{"\d-]|true|false|null|$)/u;
/** Findings of a stream that are kept one by one. */
const keptFindings = 1000;

const scopeOf = (where: Where): TokenScope => ({ tenant: where.tenant ?? '', principal: where.principal ?? '' });
const toModel: Where = { direction: 'to-model' };

/**
 * Creates a masker.
 *
 * @throws TypeError for rules without an engine, an action in the policy whose key is missing, or a key of a wrong length.
 */
export function createMasker(options: MaskerOptions): Masker {
  const engine = options.engine ?? createEngine({ ...options, rules: options.rules ?? [] });
  const policy = compilePolicy(options.policy);
  const actions = new Set<Action>([
    options.policy?.otherwise ?? 'redact',
    ...(options.policy?.rules ?? []).map((rule) => rule.action),
  ]);
  if (actions.has('hash') && (options.hashKey === undefined || options.hashKey.secret.length < 16))
    throw new TypeError('The action hash needs a hashKey of at least 16 bytes');
  if (actions.has('format-preserving') && options.formatKey === undefined)
    throw new TypeError('The action format-preserving needs a formatKey');
  if (actions.has('tokenize') && options.tokens === undefined) throw new TypeError('The action tokenize needs tokens');
  const longest = options.maxStringLength ?? 262_144;
  if (!(longest >= 1024)) throw new TypeError('maxStringLength must be at least 1,024');
  const ff1 = options.formatKey === undefined ? undefined : createFf1(options.formatKey);
  const vault: TokenVault | undefined = options.tokens === undefined ? undefined : createTokenVault(options.tokens);
  const skips = (options.skipPaths ?? []).map(compilePath);
  const skip =
    skips.length === 0 ? undefined : (path: readonly PathStep[]): boolean => skips.some((test) => test(path));
  const asNumber = options.numbers !== 'string';
  const placeholder = options.placeholders === 'valid' ? stand : redacted;
  const scanner = new Scanner(engine.compiled);
  const always = new Set(options.always ?? []);

  /** Findings without those inside a token of this scope: what stands there is no value any more. The seal tells. */
  const outsideTokens = (text: string, found: readonly Finding[], base: number, where: Where): readonly Finding[] => {
    if (vault === undefined || found.length === 0) return found;
    const places = vault.find(text, scopeOf(where)).filter(({ opened }) => opened.ok);
    if (places.length === 0) return found;
    return found.filter(
      ({ start, end }) => !places.some((place) => place.start + base <= start && end <= place.end + base),
    );
  };

  const standIn = (action: Action, label: Label, value: string | undefined, where: Where): string => {
    if (value === undefined || value.length > longestValue) return placeholder(label, value ?? '');
    if (action === 'partial') return partial(label, value);
    if (action === 'hash') return hashed(label, value, options.hashKey!);
    if (action === 'format-preserving') return preserved(label, value, ff1!) ?? placeholder(label, value);
    if (action === 'tokenize') return vault!.issue(label, value, scopeOf(where));
    return placeholder(label, value);
  };

  interface Notes {
    readonly findings: MaskedFinding[];
    blocked: boolean;
    note(finding: MaskedFinding): void;
  }
  const newNotes = (): Notes => {
    const findings: MaskedFinding[] = [];
    return { findings, blocked: false, note: (finding) => void findings.push(finding) };
  };
  /** Answers what stands for a value, or undefined when it may stay, and takes note of it. */
  const decide = (
    notes: Notes,
    finding: Finding,
    value: string | undefined,
    where: Where,
    path?: readonly PathStep[],
  ): string | undefined => {
    const decided = policy.action(finding.label, where, path);
    const action = decided === 'allow' && always.has(finding.rule) ? 'redact' : decided;
    notes.note(path === undefined ? { ...finding, action } : { ...finding, action, path: formatPath(path) });
    if (action === 'allow') return undefined;
    if (action === 'block') notes.blocked = true;
    return standIn(action, finding.label, value, where);
  };
  const inJson = (notes: Notes, where: Where): JsonReplace => ({
    spare: (raw, found, base) => outsideTokens(raw, found, base, where),
    text: (finding, value, path) => decide(notes, finding, value, where, path),
    number(finding, value, path) {
      let replacement = decide(notes, finding, value, where, path);
      if (replacement === undefined) return undefined;
      if (policy.action(finding.label, where, path) === 'tokenize') {
        replacement = vault!.issueNumber(finding.label, value, scopeOf(where)) ?? replacement;
      }
      if (!asNumber) return JSON.stringify(replacement);
      // A number keeps its type: the same number of digits where the action gives digits, else 0.
      return /^-?[1-9]\d*$/u.test(replacement) ? replacement : '0';
    },
  });

  const mask = (text: string, where: Where = toModel): Masked => {
    const settled = settle(findRaw(scanner, text, ''), (finding) => engine.threshold(finding));
    const found = outsideTokens(text, settled, 0, where);
    const notes = newNotes();
    if (found.length === 0) return { text, findings: [], blocked: false };
    let out = '';
    let at = 0;
    for (const one of found) {
      const replacement = decide(notes, one, text.slice(one.start, one.end), where);
      if (replacement === undefined) continue;
      out += text.slice(at, one.start) + replacement;
      at = one.end;
    }
    return { text: at === 0 ? text : out + text.slice(at), findings: notes.findings, blocked: notes.blocked };
  };
  const maskJson = (json: string, where: Where = toModel): Masked => {
    // What cannot be JSON is not read as such first.
    if (!mayBeJson.test(json)) return mask(json, where);
    const notes = newNotes();
    const stream = new JsonStream(engine, inJson(notes, where), longest, skip, scanner);
    const out = stream.push(json) + stream.end();
    return { text: out === json ? json : out, findings: notes.findings, blocked: notes.blocked };
  };
  /** A stream may hold any number of findings, so only the first ones are kept one by one. */
  const notesOfStream = (): Notes & { readonly counts: Map<Label, number> } => {
    const counts = new Map<Label, number>();
    const findings: MaskedFinding[] = [];
    return {
      counts,
      blocked: false,
      findings,
      note(finding) {
        counts.set(finding.label, (counts.get(finding.label) ?? 0) + 1);
        if (findings.length < keptFindings) findings.push(finding);
      },
    };
  };
  const streamOf = (make: (notes: Notes) => Pick<TextStream, 'push' | 'end' | 'held'>): MaskStream => {
    const notes = notesOfStream();
    const inner = make(notes);
    return {
      push: (text) => inner.push(text),
      end: () => inner.end(),
      get held() {
        return inner.held;
      },
      counts: notes.counts,
      get findings() {
        return notes.findings;
      },
      get blocked() {
        return notes.blocked;
      },
    };
  };
  return {
    engine,
    mask,
    maskJson,
    maskValue(value, where = toModel) {
      const json = JSON.stringify(value) as string | undefined;
      if (json === undefined) return { value, findings: [], blocked: false };
      const { text, findings, blocked } = maskJson(json, where);
      return { value: text === json ? value : (JSON.parse(text) as typeof value), findings, blocked };
    },
    textStream: (where = toModel) =>
      streamOf(
        (notes) =>
          new TextStream(
            engine,
            (finding, value) => decide(notes, finding, value, where) ?? value ?? redacted(finding.label),
          ),
      ),
    jsonStream: (where = toModel) => streamOf((notes) => new JsonStream(engine, inJson(notes, where), longest, skip)),
    restore: (text, where) => restoreText(text, where, policy, vault),
    restoreJson: (json, where) => restoreJson(json, where, policy, vault),
  };
}
