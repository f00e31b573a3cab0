import type { Authenticated } from './exchange.ts';
import { isRefusal } from './ports.ts';
import type { Awaitable, Ports, Refusal, Target } from './ports.ts';
import type { Upstream } from './upstreams/upstream.ts';

/** Whether a request may be made. `logging/setLevel` at the merged endpoint concerns every server: one that allows it is enough. */
export function decided(x: Authenticated, target: Target, ports: Ports): Awaitable<Refusal | undefined> {
  if (x.method.kind === 'logging' && target.server === undefined && x.view.upstreams.length > 0)
    return decidedForEach(x, target, ports).then(({ allowed, refusal }) => (allowed.length > 0 ? undefined : refusal));
  return ports.decide(x.principal, target, x.credentials.remoteAddress, x.entry?.noted);
}

/** The servers at which the principal may do what the request asks of all of them, and why not at the others. */
export async function decidedForEach(
  x: Authenticated,
  target: Target,
  ports: Ports,
): Promise<{ readonly allowed: readonly Upstream[]; readonly refusal: Refusal | undefined }> {
  const allowed: Upstream[] = [];
  let refusal: Refusal | undefined;
  for (const upstream of x.view.upstreams) {
    const verdict = await ports.decide(
      x.principal,
      { ...target, server: upstream.spec.name },
      x.credentials.remoteAddress,
    );
    if (isRefusal(verdict)) refusal ??= verdict;
    else allowed.push(upstream);
  }
  return { allowed, refusal };
}

/** Whether a refusal must not tell that there is something. */
export function isHiding({ refused }: Refusal): boolean {
  return refused === 'forbidden' || refused === 'unknown-target';
}

/** The refusal as the sender is told: with a challenge where more scopes would help and somebody can state one. */
export function challenged(x: Authenticated, refusal: Refusal, ports: Ports): Refusal {
  if (refusal.refused !== 'insufficient-scope' || !ports.challenge) return refusal;
  return ports.challenge(x.principal, refusal.scopes ?? [], x.credentials);
}
