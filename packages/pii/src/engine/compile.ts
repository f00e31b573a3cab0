import type { AnchorRule, FieldRule, IdRule, Rule, RunRule } from '../rule.ts';
import { compileLiterals } from './automaton.ts';
import { headNumber, headsOf, presentHeads, readHeads } from './word-heads.ts';
import type { CompiledId, IdsOfLength, NamedBy } from './id-match.ts';
import type { Compiled } from './scanner.ts';

const longestId = 34;
/** Beginnings of the escapes that folding undoes. */
const escapes = Array.from('01234567', (digit) => `%${digit}`).concat(
  '&#',
  '&amp;',
  '&commat',
  '&period',
  '&colon',
  '&quot',
  '&lt',
  '&gt',
  '&nbsp',
  '&hyphen',
  '\\u00',
  '\\x4',
);
const longestAnchor = 512;

/** Which texts an identity rule can apply to, asked of its form once so that the scan need not. */
function admits(form: RegExp, digits: boolean): boolean {
  const source = form.source;
  const onlyDigits = !/[A-Z]/u.test(source.replaceAll(/\\[dwbu]|\(\?[:=!<]/gu, ''));
  return digits ? true : !onlyDigits;
}

/** Which identity rules a context may name, by the heads of its words. Remembers the last context it was asked about. */
class NameIndex implements NamedBy {
  /** Rules by the number of a head. */
  readonly #byHead: number[][] = [];
  readonly #wide: number[] = [];
  readonly #always: number[] = [];
  readonly #marks: Uint32Array;
  readonly #alone: boolean[] = [];
  #round = 0;
  #read = -1;
  #any = false;

  constructor(rules: readonly IdRule[]) {
    this.#marks = new Uint32Array(rules.length);
    for (const [index, rule] of rules.entries()) {
      if (rule.base > 0) for (const length of rule.lengths) this.#alone[length] = true;
      const heads = headsOf(rule.context);
      if (heads === undefined) this.#always.push(index);
      if (heads?.wide === true) this.#wide.push(index);
      for (const code of heads?.codes ?? []) (this.#byHead[headNumber(code)] ??= []).push(index);
    }
  }

  alone(length: number): boolean {
    return this.#alone[length] === true;
  }

  ask(context: string): boolean {
    const read = readHeads(context);
    if (read.round === this.#read) return this.#any;
    this.#read = read.round;
    this.#any = false;
    this.#round += 1;
    this.#mark(this.#always);
    for (let at = 0; at < read.count; at += 1) {
      const rules = this.#byHead[presentHeads[at]!];
      if (rules !== undefined) this.#mark(rules);
    }
    if (read.wide) this.#mark(this.#wide);
    return this.#any;
  }

  #mark(indices: readonly number[]): void {
    if (indices.length === 0) return;
    this.#any = true;
    for (const index of indices) this.#marks[index] = this.#round;
  }

  has(index: number): boolean {
    return this.#marks[index] === this.#round;
  }
}

/**
 * Puts the rules into the tables of the scanner.
 *
 * @throws TypeError for a rule without an anchor, an identity rule longer than 34, or two rules of one id.
 */
export function compile(rules: readonly Rule[], decode: boolean): Compiled {
  const seen = new Set<string>();
  const anchors: AnchorRule[] = [];
  const runs: RunRule[] = [];
  const fields: FieldRule[] = [];
  const ids: IdRule[] = [];
  const digitIds: IdsOfLength[] = [];
  const mixedIds: IdsOfLength[] = [];
  const put = (into: IdsOfLength[], length: number, rule: CompiledId): void => {
    const { all, alone } = (into[length] ??= { all: [], alone: [] });
    all.push(rule);
    if (rule.base > 0) alone.push(rule);
  };
  for (const rule of rules) {
    if (seen.has(rule.id)) throw new TypeError(`Two rules have the id ${rule.id}`);
    seen.add(rule.id);
    if (rule.kind === 'anchor') {
      if (rule.anchors.length === 0) throw new TypeError(`Rule ${rule.id} has no anchor, so a scan could not find it`);
      if (rule.anchors.some((one) => one.length > longestAnchor))
        throw new TypeError(`An anchor of rule ${rule.id} is longer than 512`);
      anchors.push(rule);
    } else if (rule.kind === 'run') {
      runs.push(rule);
    } else if (rule.kind === 'field') {
      fields.push(rule);
    } else {
      const compiled: CompiledId = { ...rule, index: ids.length };
      ids.push(rule);
      for (const length of rule.lengths) {
        if (length < 1 || length > longestId) throw new TypeError(`Rule ${rule.id} has a length outside 1 to 34`);
        put(digitIds, length, compiled);
        if (admits(rule.form, false)) put(mixedIds, length, compiled);
      }
    }
  }
  // Index -1 marks what a text must be folded for; the scan then begins again on the folded one.
  const literals = [
    ...anchors.flatMap((rule, index) => rule.anchors.map((text) => ({ text, index }))),
    ...escapes.map((text) => ({ text, index: -1 })),
  ];
  return {
    automaton: compileLiterals(literals.map((one) => one.text)),
    anchorRule: Int32Array.from(literals, (one) => one.index),
    anchorLength: Int32Array.from(literals, (one) => one.text.length),
    anchors,
    runs,
    fields,
    keys: { known: new Map(), words: new Map() },
    digitIds,
    mixedIds,
    namedBy: new NameIndex(ids),
    decode,
    digits: decode || runs.length > 0 || ids.length > 0,
  };
}
