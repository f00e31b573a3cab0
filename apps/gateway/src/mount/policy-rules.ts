import { createPolicy, type Decision, type Policy, type PolicyRequest } from '@sekisho/policy';
import type { Decide, Principal, Refusal, Target } from '@sekisho/core';
import type { PolicyEvents } from './policy-events.ts';
import type { PolicySection } from './policy-section.ts';

type PolicyPrincipal = PolicyRequest['principal'];
type PolicyTarget = PolicyRequest['target'];

/** One policy in force, in the words of the gateway. Whoever may subscribe to something may also end that. */
export type Rules = {
  readonly policy: Policy;
  decide: (...args: Parameters<Decide>) => Refusal | undefined;
  sees(principal: Principal, targets: readonly Target[], address: string | undefined): boolean[];
  knows(principal: Principal, server: string): boolean;
  viewKey(principal: Principal): string | undefined;
};

/** What was worked out for a principal, as long as the policy is in force. */
type Known = {
  readonly who: PolicyPrincipal;
  readonly servers: Map<string, boolean>;
  readonly viewKey: string | undefined;
};

export type RulesOptions = {
  readonly now: () => number;
  readonly events: PolicyEvents;
  /** Default: the roles that the principal was given. */
  readonly rolesOf?: (principal: Principal) => readonly string[] | undefined;
};

export function createRules(
  section: PolicySection,
  { now, events, rolesOf = ({ roles }) => roles }: RulesOptions,
): Rules {
  const { annotations = {}, ...document } = section;
  const policy = createPolicy({ document, now, onEvent: events.take });
  const remembered = new WeakMap<Principal, Known>();
  const know = (principal: Principal): Known => {
    const known = remembered.get(principal);
    if (known !== undefined) return known;
    const who = toPolicyPrincipal(principal, rolesOf(principal));
    const made = { who, servers: new Map<string, boolean>(), viewKey: policy.listKey(who) };
    // One that can still be changed may have other rights the next time.
    if (Object.isFrozen(principal)) remembered.set(principal, made);
    return made;
  };
  const targetOf = (target: Target): PolicyTarget => {
    const { server, name } = target;
    const method = target.method === 'resources/unsubscribe' ? 'resources/subscribe' : target.method;
    if (name === undefined) return { method, server };
    switch (kindOf(target)) {
      case 'tool':
        return { method, server, tool: name, annotations: pinnedAnnotations(annotations, server, name) };
      case 'prompt':
        return { method, server, prompt: name };
      case 'resource':
        return { method, server, resource: name };
      default:
        return { method, server };
    }
  };
  return {
    policy,
    decide: (principal, target, address, note) => {
      const decision = policy.decide({
        principal: know(principal).who,
        target: targetOf(target),
        arguments: target.arguments as PolicyRequest['arguments'],
        address,
      });
      note?.({
        'authz.effect': decision.answer === 'none' ? 'allow' : 'deny',
        'authz.rule': decision.ruleId ?? 'default',
        'authz.policy': policy.hash,
      });
      return toRefusal(decision);
    },
    sees: (principal, targets, address) => {
      const { who } = know(principal);
      return targets.map((target) => policy.sees({ principal: who, target: targetOf(target), address }));
    },
    knows: (principal, server) => {
      const { who, servers } = know(principal);
      let answer = servers.get(server);
      if (answer === undefined) servers.set(server, (answer = policy.knows(who, server)));
      return answer;
    },
    viewKey: (principal) => know(principal).viewKey,
  };
}

/** What a target's name is a name of. */
function kindOf({ kind, names }: Target): 'tool' | 'prompt' | 'resource' | undefined {
  if (names !== undefined) return names;
  switch (kind) {
    case 'tool':
    case 'prompt':
    case 'resource':
      return kind;
    case 'template':
    case 'subscription':
      return 'resource';
    default:
      return undefined;
  }
}

/** What the operator vouches for of a tool. */
export function pinnedAnnotations(
  annotations: NonNullable<PolicySection['annotations']>,
  server: string | undefined,
  tool: string,
): PolicyTarget['annotations'] {
  const tools = server !== undefined && Object.hasOwn(annotations, server) ? annotations[server] : undefined;
  return tools !== undefined && Object.hasOwn(tools, tool) ? tools[tool] : undefined;
}

function toPolicyPrincipal(principal: Principal, roles: readonly string[] | undefined): PolicyPrincipal {
  const { id, kind, clientId, tenant, scopes, groups, keyId, authTimeSeconds, claims } = principal;
  return Object.freeze({
    key: id,
    kind,
    clientId,
    tenant,
    scopes,
    groups,
    roles,
    keyId,
    authTime: authTimeSeconds,
    claims,
  });
}

function toRefusal({ answer, reason, ruleId, scopes }: Decision): Refusal | undefined {
  if (answer === 'none') return undefined;
  const detail = ruleId === undefined ? reason : `${reason} by rule ${ruleId}`;
  switch (answer) {
    case 'unknown':
      return { refused: 'forbidden', detail };
    case 'scope':
      return { refused: 'insufficient-scope', scopes, detail };
    default:
      return { refused: 'denied', detail };
  }
}
