import type { AnchorRule, FieldRule, IdRule, Rule, RunRule } from '../rule.ts';
import { compileLiterals } from './automaton.ts';
import { eachHead, headsOf } from './word-heads.ts';
import type { CompiledId, NamedBy } from './id-match.ts';
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
  readonly #byHead = new Map<number, number[]>();
  readonly #wide: number[] = [];
  readonly #always: boolean[] = [];
  readonly #marks: Uint32Array;
  readonly #alone: boolean[] = [];
  #round = 0;
  #any = false;
  #last: string | undefined;

  constructor(rules: readonly IdRule[]) {
    this.#marks = new Uint32Array(rules.length);
    for (const [index, rule] of rules.entries()) {
      if (rule.base > 0) for (const length of rule.lengths) this.#alone[length] = true;
      const heads = headsOf(rule.context);
      this.#always[index] = heads === undefined;
      if (heads?.wide === true) this.#wide.push(index);
      for (const code of heads?.codes ?? []) {
        const same = this.#byHead.get(code);
        if (same === undefined) this.#byHead.set(code, [index]);
        else same.push(index);
      }
    }
  }

  alone(length: number): boolean {
    return this.#alone[length] === true;
  }

  ask(context: string): boolean {
    if (context === this.#last) return this.#any;
    this.#last = context;
    this.#any = this.#always.includes(true);
    this.#round += 1;
    const mark = (indices: readonly number[] | undefined): void => {
      if (indices === undefined) return;
      this.#any = true;
      for (const index of indices) this.#marks[index] = this.#round;
    };
    if (eachHead(context, (code) => mark(this.#byHead.get(code)))) mark(this.#wide);
    return this.#any;
  }

  has(index: number): boolean {
    return this.#always[index] === true || this.#marks[index] === this.#round;
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
  const digitIds: CompiledId[][] = [];
  const mixedIds: CompiledId[][] = [];
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
        (digitIds[length] ??= []).push(compiled);
        if (admits(rule.form, false)) (mixedIds[length] ??= []).push(compiled);
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
    keys: { rules: new Map(), clean: new Set() },
    digitIds,
    mixedIds,
    namedBy: new NameIndex(ids),
    decode,
  };
}
