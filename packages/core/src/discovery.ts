import { LEGACY_REVISIONS, META, MODERN_REVISIONS, findRevision } from '@sekisho/protocol';
import type { Revision } from '@sekisho/protocol';
import type { View } from './catalogue/catalogue.ts';
import type { GatewayContext } from './context.ts';
import { capabilitiesOf, instructionsOf } from './endpoint.ts';
import { asciiJson } from './wire.ts';

/** The result of `server/discover` (MCP 2026-07-28, server/discover). */
export function discovery(view: View, context: GatewayContext): string {
  const instructions = instructionsOf(view, context.ports.filters);
  return asciiJson({
    resultType: 'complete',
    supportedVersions: MODERN_REVISIONS,
    capabilities: capabilitiesOf(view),
    ...(instructions === undefined ? {} : { instructions }),
    ttlMs: 0,
    cacheScope: 'private',
    _meta: { [META.server]: context.identity },
  });
}

/** The result of `initialize` (2025-11-25, basic/lifecycle). */
export function initialization(view: View, revision: Revision, context: GatewayContext): string {
  const instructions = instructionsOf(view, context.ports.filters);
  const { extensions: _modernOnly, ...capabilities } = capabilitiesOf(view);
  return asciiJson({
    protocolVersion: revision.id,
    capabilities,
    serverInfo: context.identity,
    ...(instructions === undefined ? {} : { instructions }),
  });
}

/** The revision for a legacy client: the one it asked for where it is spoken, else the newest it could know. */
export function negotiate(requested: unknown): Revision {
  const asked = typeof requested === 'string' ? findRevision(requested) : undefined;
  return asked?.era === 'legacy' ? asked : findRevision(LEGACY_REVISIONS[0]!)!;
}
