export { createPolicy, listItem, type Policy, type PolicyOptions } from './policy.ts';
export type { PolicyDocument, PolicyRule, RoleSources } from './document.ts';
export type { PinnedAnnotations, PolicyRequest, Principal, Target } from './request.ts';
export type { Decision, PolicyEvent, Reason } from './decision.ts';
export type { Explanation, RuleExplanation } from './explain.ts';
export { findUnknownServers, type Problem } from './problems.ts';
export type { Divergence } from './shadow.ts';
export { testPolicy, type CaseResult, type PolicyCase } from './table.ts';
export { isPolicyError, PolicyError, type PolicyErrorCode } from './errors.ts';

export type { Bindings, Condition, ConditionEngine } from './condition.ts';
export { celEngine } from './cel.ts';
export { LISTS, METHODS, type TargetKind } from './methods.ts';
