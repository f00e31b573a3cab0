import { isLabel } from '../label.ts';
import type { Label } from '../label.ts';
import { compilePath } from '../path.ts';
import type { PathStep, PathTest } from '../path.ts';

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

interface CompiledRule {
  readonly action: Action;
  readonly labels: ReadonlySet<Label> | undefined;
  readonly directions: ReadonlySet<Direction> | undefined;
  readonly server: RegExp | undefined;
  readonly tool: RegExp | undefined;
  readonly path: PathTest | undefined;
}

/** `*` stands for any characters; everything else for itself. */
const toPattern = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .split('*')
      .map((part) => part.replaceAll(/[$()+.?[\\\]^{|}]/gu, String.raw`\$&`))
      .join('.*')}$`,
    'su',
  );

const fits = (pattern: RegExp | undefined, name: string | undefined): boolean =>
  pattern === undefined || (name !== undefined && pattern.test(name));

function checkLabels(labels: readonly Label[] | undefined): ReadonlySet<Label> | undefined {
  if (labels === undefined) return undefined;
  for (const label of labels) if (!isLabel(label)) throw new TypeError(`No such label: ${String(label)}`);
  return new Set(labels);
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
export function compilePolicy(policy: Policy = {}): Decider {
  const rules = (policy.rules ?? []).map((rule): CompiledRule => ({
    action: rule.action,
    labels: checkLabels(rule.labels),
    directions:
      rule.direction === undefined
        ? undefined
        : new Set(typeof rule.direction === 'string' ? [rule.direction] : rule.direction),
    server: rule.server === undefined ? undefined : toPattern(rule.server),
    tool: rule.tool === undefined ? undefined : toPattern(rule.tool),
    path: rule.path === undefined ? undefined : compilePath(rule.path),
  }));
  const restore = (policy.restore ?? []).map((rule) => ({
    labels: checkLabels(rule.labels),
    server: toPattern(rule.server),
    tool: rule.tool === undefined ? undefined : toPattern(rule.tool),
  }));
  const otherwise = policy.otherwise ?? 'redact';
  return {
    action(label, where, path) {
      for (const rule of rules) {
        if (rule.labels !== undefined && !rule.labels.has(label)) continue;
        if (rule.directions !== undefined && !rule.directions.has(where.direction)) continue;
        if (!fits(rule.server, where.server) || !fits(rule.tool, where.tool)) continue;
        if (rule.path !== undefined && (path === undefined || !rule.path(path))) continue;
        return rule.action;
      }
      return otherwise;
    },
    mayRestore(label, where) {
      // Only a tool gets values back: into a log or to the model they never go.
      if (where.direction !== 'to-tool') return false;
      return restore.some(
        (rule) =>
          (rule.labels === undefined || rule.labels.has(label)) &&
          fits(rule.server, where.server) &&
          fits(rule.tool, where.tool),
      );
    },
  };
}
