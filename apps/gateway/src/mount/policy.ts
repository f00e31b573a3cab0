import { isDeepStrictEqual } from 'node:util';
import type { GatewayOptions, Principal } from '@sekisho/core';
import type { Log } from '../cli/log.ts';
import { OWNER } from './key-room.ts';
import { createPolicyEvents, type PolicyEvents } from './policy-events.ts';
import { createRules, type Rules } from './policy-rules.ts';
import type { PolicySection } from './policy-section.ts';

/** What a configuration says about who may use what. */
export type PolicySettings = {
  readonly section: PolicySection | undefined;
  /** Whether there is an `auth` section, and with it more than one person who may come. */
  readonly asksWhoCalls: boolean;
};

export type PolicyStatus = {
  /**
   * `rules`: what the policy allows. `owner`: no policy, so the owner of this computer uses everything. `nothing`: callers sign in and no policy says what they may use.
   */
  readonly mode: 'rules' | 'owner' | 'nothing';
  readonly hash: string;
  readonly rules: number;
  /** By rule in shadow mode, how many decisions it would have turned round since it is in force. */
  readonly divergences: readonly { readonly ruleId: string; readonly count: number; readonly wouldBe: string }[];
  /** Rules whose condition failed, with what it denied. */
  readonly failures: readonly { readonly ruleId: string; readonly count: number }[];
};

export type MountedPolicy = {
  readonly ports: Required<Pick<GatewayOptions, 'decide' | 'sees' | 'knows' | 'viewKey'>>;
  /** The change that puts other settings in force, for `Gateway.changeRules`; undefined where they say the same. */
  prepare(next: PolicySettings): (() => void) | undefined;
  status(): PolicyStatus;
};

const NOTHING: PolicySection = { roles: {}, rules: [] };
const OWNER_ONLY: PolicySection = {
  roles: {},
  rules: [{ id: 'owner', effect: 'allow', roles: ['owner'] }],
};

/**
 * Who acts for the owner where there is no policy: he himself, and the programs that he made keys for, as far as their keys
 * reach. A key with roles is for a policy to judge: without one its roles say nothing, and it reaches nothing.
 */
function ownersRoles({ id, kind, roles = [] }: Principal): readonly string[] {
  return id === OWNER || (kind === 'apikey' && roles.length === 0) ? ['owner'] : [];
}

/**
 * Mounts the policy. Without a section the owner of this computer may use all that is configured; as soon as callers sign in, what no rule allows is denied, and an absent policy allows nothing.
 *
 * @throws PolicyError for a policy that makes no sense; the configuration is checked before it comes here.
 */
export function mountPolicy(
  settings: PolicySettings,
  { log, now }: { readonly log: Log; readonly now: () => number },
): MountedPolicy {
  const make = ({ section, asksWhoCalls }: PolicySettings): Current => {
    const events = createPolicyEvents(log);
    const rules =
      section === undefined && !asksWhoCalls
        ? createRules(OWNER_ONLY, { now, events, rolesOf: ownersRoles })
        : createRules(section ?? NOTHING, { now, events });
    return { rules, events };
  };
  let inForce = settings;
  let current = make(settings);
  return {
    ports: {
      decide: (principal, target, address, note) => current.rules.decide(principal, target, address, note),
      sees: (principal, targets, address) => current.rules.sees(principal, targets, address),
      knows: (principal, server) => current.rules.knows(principal, server),
      viewKey: (principal) => current.rules.viewKey(principal),
    },
    prepare: (next) => {
      if (isDeepStrictEqual(next, inForce)) return undefined;
      const made = make(next);
      return () => {
        inForce = next;
        current = made;
      };
    },
    status: () => {
      const { rules, events } = current;
      const { section, asksWhoCalls } = inForce;
      return {
        mode: section !== undefined ? 'rules' : asksWhoCalls ? 'nothing' : 'owner',
        hash: rules.policy.hash,
        rules: section?.rules.length ?? 0,
        divergences: rules.policy.divergences(),
        failures: events.failures(),
      };
    },
  };
}

type Current = { readonly rules: Rules; readonly events: PolicyEvents };
