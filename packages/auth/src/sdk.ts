import type { Principal } from './principal.ts';

/** What the official SDK hands to tools as `authInfo`. Has the shape of its `AuthInfo` type, of both lines. */
export interface SdkAuthInfo {
  /** Always empty: a tool that had the caller's token could pass it on, which MCP forbids. */
  token: '';
  clientId: string;
  scopes: string[];
  expiresAt?: number;
  resource?: URL;
  resourceMetadataUrl?: string;
  extra: { readonly principal: Principal };
}

/** Turns a principal into the SDK's `AuthInfo`. */
export function toAuthInfo(
  principal: Principal,
  server?: { readonly resource: string; readonly metadataUrl: string | undefined },
): SdkAuthInfo {
  return {
    token: '',
    clientId: principal.clientId ?? principal.keyId ?? principal.subject,
    scopes: [...principal.scopes],
    ...(principal.expiresAtSeconds !== undefined && { expiresAt: principal.expiresAtSeconds }),
    ...(server !== undefined && { resource: new URL(server.resource) }),
    ...(server?.metadataUrl !== undefined && { resourceMetadataUrl: server.metadataUrl }),
    extra: { principal },
  };
}
