import type { Target } from './request.ts';
import { isCanonicalUri } from './uri.ts';

export function isNamed(target: Target): boolean {
  return target.tool !== undefined || target.prompt !== undefined || target.resource !== undefined;
}

/** Whether a target names one thing at most, in a spelling that rules can judge. */
export function isWellFormed(target: Target): boolean {
  const { server, method, tool, prompt, resource } = target;
  if (typeof method !== 'string' || (server !== undefined && typeof server !== 'string')) return false;
  const named = (tool === undefined ? 0 : 1) + (prompt === undefined ? 0 : 1) + (resource === undefined ? 0 : 1);
  if (named > 1) return false;
  if (named === 0) return true;
  if (typeof (tool ?? prompt ?? resource) !== 'string') return false;
  return resource === undefined || isCanonicalUri(resource);
}
