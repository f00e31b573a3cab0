import type { Era } from './dialect.ts';

/** What stands between the load and the upstream. */
export interface Target {
  readonly id: 'direct' | 'byte-proxy' | 'sdk-v1' | 'sdk-v2' | 'sekisho' | 'layers';
  readonly label: string;
  readonly eras: readonly Era[];
  /** The name under which a client finds a tool of an upstream. */
  toolName(upstream: string, tool: string): string;
}

const asIs = (_upstream: string, tool: string): string => tool;

export const DIRECT: Target = { id: 'direct', label: 'direct', eras: ['legacy', 'modern'], toolName: asIs };
export const BYTE_PROXY: Target = {
  id: 'byte-proxy',
  label: 'bare byte proxy (node:http, undici)',
  eras: ['legacy', 'modern'],
  toolName: asIs,
};
export const SDK_V1: Target = { id: 'sdk-v1', label: 'official SDK v1 as a proxy', eras: ['legacy'], toolName: asIs };
export const SDK_V2: Target = {
  id: 'sdk-v2',
  label: 'official SDK v2 as a proxy',
  eras: ['legacy', 'modern'],
  toolName: asIs,
};
export const SEKISHO: Target = {
  id: 'sekisho',
  label: '**Sekisho**',
  eras: ['legacy', 'modern'],
  toolName: (upstream, tool) => `${upstream}__${tool}`,
};

/** In the order in which they are measured: the floor stands next to Sekisho, so that a ratio has its neighbour. */
export const TARGETS: readonly Target[] = [DIRECT, SDK_V1, SDK_V2, BYTE_PROXY, SEKISHO];
