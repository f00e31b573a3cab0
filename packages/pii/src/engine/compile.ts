import type { AnchorRule, FieldRule, IdRule, Rule, RunRule } from '../rule.ts';
import { compileLiterals } from './automaton.ts';
import { eachHead, headsOf } from './word-heads.ts';
import type { Compiled } from './scanner.ts';

const none: readonly IdRule[] = [];
const longestId = 34;
/** Beginnings of the escapes that folding undoes. */
const escapes = [...'01234567'].map((digit) => `%${digit}`).concat('&#', '&amp;', '&commat', '&period', '&colon', '&quot', '&lt', '&gt', '&nbsp', '&hyphen', '\\u00');
const longestAnchor = 512;

/** Which texts an identity rule can apply to, asked of its form once so that the scan need not. */
function admits(form: RegExp, digits: boolean): boolean {
  const source = form.source;
  const onlyDigits = !/[A-Z]/u.test(source.replaceAll(/\\[dwbu]|\(\?[:=!<]/gu, ''));
  return digits ? true : !onlyDigits;
}

/** Which identity rules a context may name, by the heads of its words. */
function contextIndex(rules: readonly Rule[]): (context: string) => ReadonlySet<IdRule> {
  const byHead = new Map<string, IdRule[]>();
  const wide: IdRule[] = [];
  const always: IdRule[] = [];
  for (const rule of rules) {
    if (rule.kind !== 'id') continue;
    const heads = headsOf(rule.context);
    if (heads === undefined) always.push(rule);
    for (const head of heads ?? []) {
      if (head === '*') wide.push(rule);
      else if (byHead.has(head)) byHead.get(head)!.push(rule);
      else byHead.set(head, [rule]);
    }
  }
  return (context) => {
    const named = new Set<IdRule>(always);
    const isWide = eachHead(context, (head) => {
      for (const rule of byHead.get(head) ?? none) named.add(rule);
    });
    if (isWide) for (const rule of wide) named.add(rule);
    return named;
  };
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
  const digitIds: IdRule[][] = [];
  const mixedIds: IdRule[][] = [];
  for (const rule of rules) {
    if (seen.has(rule.id)) throw new TypeError(`Two rules have the id ${rule.id}`);
    seen.add(rule.id);
    if (rule.kind === 'anchor') {
      if (rule.anchors.length === 0) throw new TypeError(`Rule ${rule.id} has no anchor, so a scan could not find it`);
      if (rule.anchors.some((one) => one.length > longestAnchor)) throw new TypeError(`An anchor of rule ${rule.id} is longer than 512`);
      anchors.push(rule);
    } else if (rule.kind === 'run') {
      runs.push(rule);
    } else if (rule.kind === 'field') {
      fields.push(rule);
    } else {
      for (const length of rule.lengths) {
        if (length < 1 || length > longestId) throw new TypeError(`Rule ${rule.id} has a length outside 1 to 34`);
        (digitIds[length] ??= []).push(rule);
        if (admits(rule.form, false)) (mixedIds[length] ??= []).push(rule);
      }
    }
  }
  // Index -1 marks what a text must be folded for; the scan then begins again on the folded one.
  const literals = [...anchors.flatMap((rule, index) => rule.anchors.map((text) => ({ text, index }))), ...escapes.map((text) => ({ text, index: -1 }))];
  return {
    automaton: compileLiterals(literals.map((one) => one.text)),
    anchorRule: Int32Array.from(literals, (one) => one.index),
    anchorLength: Int32Array.from(literals, (one) => one.text.length),
    anchors,
    runs,
    fields,
    digitIds,
    mixedIds,
    namedBy: contextIndex(rules),
    decode,
  };
}
