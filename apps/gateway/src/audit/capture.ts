import type { ExchangeRecord, Outcome } from '@sekisho/core';
import { resultOf } from './result-bytes.ts';

/** Content to keep, sealed under the key of whoever sent it. */
export type CaptureRule = {
  /** Default: every server. */
  readonly server?: string | undefined;
  /** Name of the tool or prompt, with `*` for any run of characters. Default: all. */
  readonly name?: string | undefined;
  readonly arguments?: boolean | undefined;
  readonly results?: boolean | undefined;
};

function matches(rule: CaptureRule, { target }: ExchangeRecord): boolean {
  if (target?.server === undefined || target.name === undefined) return false;
  if (rule.server !== undefined && rule.server !== target.server) return false;
  return rule.name === undefined || fits(rule.name, target.name);
}

/** Without a regular expression: the name is a stranger's. */
function fits(pattern: string, name: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === name;
  const [first = '', ...rest] = parts;
  const last = rest.pop() ?? '';
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > name.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}

/** @returns undefined where no rule asks for it, which is the rule */
export function capturedArguments(
  rules: readonly CaptureRule[],
  exchange: ExchangeRecord,
  clean: (text: string) => string,
): Record<string, unknown> | undefined {
  if (rules.length === 0 || exchange.arguments === undefined) return undefined;
  return rules.some((rule) => rule.arguments === true && matches(rule, exchange))
    ? { arguments: clean(exchange.arguments) }
    : undefined;
}

export function capturedResult(
  rules: readonly CaptureRule[],
  exchange: ExchangeRecord,
  outcome: Outcome,
  clean: (text: string) => string,
): Record<string, unknown> | undefined {
  if (rules.length === 0 || outcome.answer === undefined) return undefined;
  if (!rules.some((rule) => rule.results === true && matches(rule, exchange))) return undefined;
  const result = resultOf(outcome.answer, exchange.idText, outcome);
  return result && { result: clean(result.toString('utf8')) };
}
