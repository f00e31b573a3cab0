import { isDeepStrictEqual } from 'node:util';
import type { GatewayOptions } from '@sekisho/core';
import type { Log } from '../cli/log.ts';
import { createPolicyEvents } from './policy-events.ts';
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
   * `rules`: what the policy allows. `everything`: no policy and nobody but the owner of this computer. `nothing`: callers sign
   * in and no policy says what they may use.
   */
  readonly mode: 'rules' | 'everything' | 'nothing';
  readonly hash?: string;
  readonly rules?: number;
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

/**
 * Mounts the policy. Without a section the owner of this computer may use all that is configured; as soon as callers sign in,
 * what no rule allows is denied, and an absent policy allows nothing.
 *
 * @throws PolicyError for a policy that makes no sense; the configuration is checked before it comes here.
 */
export function mountPolicy(
  settings: PolicySettings,
  { log, now }: { readonly log: Log; readonly now: () => number },
): MountedPolicy {
  const make = ({ section, asksWhoCalls }: PolicySettings): Current => {
    if (section === undefined && !asksWhoCalls) return { rules: undefined, events: undefined };
    const events = createPolicyEvents(log);
    return { rules: createRules(section ?? NOTHING, { now, events }), events };
  };
  let inForce = settings;
  let current = make(settings);
  return {
    ports: {
      decide: (principal, target, address, note) => current.rules?.decide(principal, target, address, note),
      sees: (principal, targets, address) =>
        current.rules?.sees(principal, targets, address) ?? targets.map(() => true),
      knows: (principal, server) => current.rules?.knows(principal, server) ?? true,
      viewKey: (principal) => (current.rules === undefined ? '' : current.rules.viewKey(principal)),
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
      if (rules === undefined) return { mode: 'everything', divergences: [], failures: [] };
      const { section } = inForce;
      return {
        mode: section === undefined ? 'nothing' : 'rules',
        hash: rules.policy.hash,
        rules: section?.rules.length ?? 0,
        divergences: rules.policy.divergences(),
        failures: events?.failures() ?? [],
      };
    },
  };
}

type Current = {
  readonly rules: Rules | undefined;
  readonly events: ReturnType<typeof createPolicyEvents> | undefined;
};
