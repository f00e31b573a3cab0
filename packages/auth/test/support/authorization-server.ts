import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

export const CALLBACK = 'http://127.0.0.1:9/callback';
export const CIMD = 'https://client.example/oauth/metadata.json';
export const SERVICE = { id: 'service', secret: 'service-secret' };
export const INTROSPECTOR = { id: 'gateway', secret: 'gateway-secret' };

export interface AuthorizationServer {
  readonly issuer: string;
  /** Who signs in next. */
  account: string;
  /** Lifetime of the next access tokens in seconds. */
  lifetimeSeconds: number;
  /** Form of the next access tokens. */
  format: 'jwt' | 'opaque';
  /** Grant types that were used at the token endpoint, in order. */
  readonly grants: string[];
  /** Opens an authorization URL as a person's browser does, signs in, consents, and gives the URL it is sent back to. */
  browse(url: URL): Promise<URL>;
  close(): Promise<void>;
}

/** Starts oidc-provider, a real authorization server that is not ours, on loopback. */
export async function startAuthorizationServer(): Promise<AuthorizationServer> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'as-1' };
  let provider: Provider | undefined;
  const listener = createServer((request, response) => {
    void (async () => {
      if (provider === undefined) throw new Error('not started');
      if (request.url?.startsWith('/interaction/') === true)
        return interact(provider, request, response, () => state.account);
      return provider.callback()(request, response);
    })();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const state: AuthorizationServer = {
    issuer,
    account: 'alice',
    lifetimeSeconds: 600,
    format: 'jwt',
    grants: [],
    browse: (url) => browse(issuer, url),
    close: () =>
      new Promise((resolve) => {
        listener.closeAllConnections();
        listener.close(() => resolve());
      }),
  };
  provider = new Provider(issuer, configuration(state, jwk));
  return state;
}

function configuration(state: AuthorizationServer, jwk: object): object {
  const es256 = { id_token_signed_response_alg: 'ES256' };
  return {
    jwks: { keys: [jwk] },
    cookies: { keys: ['test cookie key'] },
    scopes: ['openid', 'offline_access', 'mcp:read', 'mcp:call'],
    clients: [
      {
        client_id: 'app',
        redirect_uris: [CALLBACK],
        token_endpoint_auth_method: 'none',
        application_type: 'native',
        grant_types: ['authorization_code', 'refresh_token'],
        ...es256,
      },
      {
        client_id: SERVICE.id,
        client_secret: SERVICE.secret,
        redirect_uris: [],
        response_types: [],
        grant_types: ['client_credentials'],
        ...es256,
      },
      {
        client_id: INTROSPECTOR.id,
        client_secret: INTROSPECTOR.secret,
        redirect_uris: [],
        response_types: [],
        grant_types: [],
        ...es256,
      },
    ],
    enabledJWA: { dPoPSigningAlgValues: ['ES256'] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
      dPoP: { enabled: true },
      clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context: unknown, resource: string) => ({
          scope: 'mcp:read mcp:call',
          audience: resource,
          accessTokenTTL: state.lifetimeSeconds,
          accessTokenFormat: state.format,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    // The document of the client lives on a host of the test; everything else about its resolution is real.
    fetch: async (url: string | URL) => {
      if (String(url) !== CIMD) return new Response(null, { status: 404 });
      return Response.json({
        client_id: CIMD,
        client_name: 'Test client',
        redirect_uris: [CALLBACK],
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        ...es256,
      });
    },
    issueRefreshToken: () => true,
    expiresWithSession: () => false,
    // The official client opens its stream beside a call and does not refresh in single flight.
    rotateRefreshToken: false,
    extraTokenClaims: (context: {
      oidc: { params?: { grant_type?: string }; entities?: { AuthorizationCode?: { authTime?: number } } };
    }) => {
      state.grants.push(context.oidc.params?.grant_type ?? '');
      const authTime = context.oidc.entities?.AuthorizationCode?.authTime;
      return authTime === undefined ? {} : { auth_time: authTime };
    },
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_context: unknown, interaction: { uid: string }) => `/interaction/${interaction.uid}` },
    ttl: {
      Grant: 3600,
      Session: 3600,
      Interaction: 600,
      AuthorizationCode: 60,
      RefreshToken: 3600,
      AccessToken: () => state.lifetimeSeconds,
      ClientCredentials: () => state.lifetimeSeconds,
      IdToken: 600,
    },
  };
}

type Callback = Parameters<ReturnType<Provider['callback']>>;

async function interact(
  provider: Provider,
  request: Callback[0],
  response: Callback[1],
  account: () => string,
): Promise<void> {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId: account() } });
  }
  const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  const grant = known ?? new provider.Grant({ accountId: session!.accountId, clientId: params['client_id']! });
  if (prompt.details.missingOIDCScope !== undefined) grant.addOIDCScope(prompt.details.missingOIDCScope.join(' '));
  for (const [resource, scopes] of Object.entries(prompt.details.missingResourceScopes ?? {}))
    grant.addResourceScope(resource, scopes.join(' '));
  return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
}

/** Follows redirects and keeps cookies, until the authorization server sends the browser to the client. */
async function browse(issuer: string, start: URL): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = start;
  for (let hop = 0; hop < 12; hop += 1) {
    if (url.origin !== new URL(issuer).origin) return url;
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = cookie.split(';')[0]!.split('=', 2);
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null)
      throw new Error(
        `the browser stopped at ${url.pathname} with ${response.status}: ${(await response.text()).slice(0, 400)}`,
      );
    url = new URL(location, url);
  }
  throw new Error('too many redirects');
}
