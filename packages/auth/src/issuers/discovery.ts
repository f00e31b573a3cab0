import { AuthError } from '../auth-error.ts';
import { parseJsonObject, stringMember, type JsonObject } from '../json.ts';
import type { DocumentFetch } from '../net/document-fetch.ts';

/** What is used of an authorization server's metadata. */
export interface IssuerMetadata {
  readonly jwksUri: string | undefined;
  readonly introspectionEndpoint: string | undefined;
}

/**
 * The places where an issuer's metadata may be, in the order of the MCP specification: RFC 8414 section 3.1, the OpenID
 * document at the same kind of place, and the place of OpenID Connect Discovery.
 */
export function metadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const urls = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
  ];
  return path === '' ? urls : [...urls, `${origin}${path}/.well-known/openid-configuration`];
}

/**
 * Reads the metadata of a configured issuer. The next place is tried only after an answer that says "not here"; a server
 * that fails or stays silent is not asked three times.
 *
 * @throws {@link AuthError} `ERR_AUTH_DISCOVERY_INVALID` when no place has a document or its `issuer` is not identical to the one
 *   asked for (RFC 8414 section 3.3); what `fetchDocument` throws.
 */
export async function discoverIssuer(issuer: string, fetchDocument: DocumentFetch): Promise<IssuerMetadata> {
  for (const url of metadataUrls(issuer)) {
    const { status, text } = await fetchDocument(url);
    if (status === 200) return readMetadata(issuer, parseJsonObject(text));
    if (status >= 500)
      throw new AuthError('ERR_AUTH_FETCH_FAILED', `The issuer's metadata was answered with status ${status}.`);
  }
  throw new AuthError('ERR_AUTH_DISCOVERY_INVALID', 'The issuer publishes no metadata.');
}

function readMetadata(issuer: string, document: JsonObject | undefined): IssuerMetadata {
  if (document === undefined)
    throw new AuthError('ERR_AUTH_DISCOVERY_INVALID', "The issuer's metadata is not a JSON object.");
  if (document['issuer'] !== issuer) {
    throw new AuthError(
      'ERR_AUTH_DISCOVERY_INVALID',
      'The metadata names another issuer than the one that was asked for.',
    );
  }
  return {
    jwksUri: stringMember(document, 'jwks_uri'),
    introspectionEndpoint: stringMember(document, 'introspection_endpoint'),
  };
}
