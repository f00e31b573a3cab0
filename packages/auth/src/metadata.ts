/** A small answer that any server can send. */
export interface PlainResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a client may know of a protected resource (RFC 9728 section 2). */
export interface ResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly scopes_supported?: readonly string[];
  readonly bearer_methods_supported: readonly ['header'];
  readonly resource_name?: string;
  readonly resource_documentation?: string;
  readonly dpop_signing_alg_values_supported?: readonly string[];
  readonly dpop_bound_access_tokens_required?: true;
  readonly tls_client_certificate_bound_access_tokens?: true;
}

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** Path of the document of a resource: the well-known part is inserted before the resource's own path (RFC 9728 section 3.1). */
export function metadataPath(resource: string): string {
  const { pathname } = new URL(resource);
  return pathname === '/' ? WELL_KNOWN : WELL_KNOWN + pathname;
}

export function metadataUrl(resource: string): string {
  return new URL(resource).origin + metadataPath(resource);
}

/**
 * Answers a request for the document of one resource; `undefined` when the request is for something else. The document is
 * public and the same for everybody, hence `*`, and never together with credentials.
 */
export function createMetadataResponder(
  document: ResourceMetadata,
): (request: { readonly method: string; readonly url: string }) => PlainResponse | undefined {
  const path = metadataPath(document.resource);
  const body = JSON.stringify(document);
  const cors = { 'access-control-allow-origin': '*' };
  return ({ method, url }) => {
    if (pathOf(url) !== path) return undefined;
    if (method === 'OPTIONS') {
      const headers = {
        ...cors,
        'access-control-allow-methods': 'GET',
        'access-control-allow-headers': 'mcp-protocol-version',
      };
      return { status: 204, headers, body: '' };
    }
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: { ...cors, allow: 'GET' }, body: '' };
    const headers = { ...cors, 'content-type': 'application/json', 'cache-control': 'public, max-age=3600' };
    return { status: 200, headers, body: method === 'HEAD' ? '' : body };
  };
}

/** Path of a request target in origin form or absolute form, byte for byte: nothing is decoded or resolved. */
export function pathOf(url: string): string {
  const query = url.search(/[?#]/);
  const target = query === -1 ? url : url.slice(0, query);
  return target.startsWith('/') ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '');
}
