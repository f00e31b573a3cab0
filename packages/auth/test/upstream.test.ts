import { describe, expect, test } from 'vitest';
import {
  checkProtectedResource,
  checkResponseIssuer,
  checkServerMetadata,
  isOpenableUrl,
} from '../src/client/index.ts';
import { makePrincipal } from '../src/index.ts';
import { noCredential, staticCredential } from '../src/upstream/index.ts';

const principal = makePrincipal({
  kind: 'user',
  issuer: 'https://as.example',
  subject: 'alice',
  claims: { jti: 'inbound' },
});
const resolveSecret = (name: string): string | undefined =>
  ({ TOKEN: 's3cret', LINES: 'a\r\nX-Evil: 1', EMPTY: '' })[name];
const origin = 'https://api.example';

describe('A107: credentials towards upstreams', () => {
  test('none gives nothing', async () => {
    expect(await noCredential().grant({ principal })).toEqual({ headers: {}, environment: {} });
  });

  test('static gives the secret by reference, the same for everybody', async () => {
    const credential = staticCredential({
      origin,
      headers: { Authorization: { secret: 'TOKEN', prefix: 'Bearer ' } },
      environment: { API_TOKEN: { secret: 'TOKEN' } },
      resolveSecret,
    });
    expect(await credential.grant({ url: `${origin}/mcp`, principal })).toEqual({
      headers: { Authorization: 'Bearer s3cret' },
      environment: { API_TOKEN: 's3cret' },
    });
    expect(JSON.stringify(credential)).not.toContain('s3cret');
  });

  test('goes to its own origin only', async () => {
    const credential = staticCredential({ origin, headers: { Authorization: { secret: 'TOKEN' } }, resolveSecret });
    for (const url of [
      'https://evil.example/',
      'http://api.example/',
      'https://api.example:8443/',
      'https://api.example.evil/',
      'nonsense',
      undefined,
    ]) {
      await expect(credential.grant({ ...(url !== undefined && { url }), principal })).rejects.toMatchObject({
        code: 'ERR_AUTH_UPSTREAM_ORIGIN',
      });
    }
  });

  test('with a missing, empty, broken or multi-line secret sends nothing', async () => {
    for (const secret of ['NOBODY', 'EMPTY', 'LINES']) {
      const credential = staticCredential({ environment: { A: { secret } }, resolveSecret });
      await expect(credential.grant({ principal })).rejects.toMatchObject({ code: 'ERR_AUTH_SECRET_UNRESOLVED' });
    }
    const broken = staticCredential({
      environment: { A: { secret: 'X' } },
      resolveSecret: () => Promise.reject(new Error('down')),
    });
    await expect(broken.grant({ principal })).rejects.toMatchObject({
      code: 'ERR_AUTH_SECRET_UNRESOLVED',
      cause: expect.any(Error),
    });
  });

  test('cannot be configured to carry anything else', () => {
    const wrong = [
      {},
      { headers: { Authorization: { secret: 'TOKEN' } } },
      { origin: `${origin}/`, headers: { Authorization: { secret: 'TOKEN' } } },
      { origin, headers: { 'X Evil': { secret: 'TOKEN' } } },
      { origin, headers: { Host: { secret: 'TOKEN' } } },
      { origin, headers: { 'Mcp-Method': { secret: 'TOKEN' } } },
      { environment: { 'A=B': { secret: 'TOKEN' } } },
    ];
    for (const options of wrong) expect(() => staticCredential({ ...options, resolveSecret })).toThrow(TypeError);
  });
});

describe('A109: iss of an authorization response', () => {
  const supported = { issuer: 'https://as.example', issuerParameterSupported: true };
  const silent = { ...supported, issuerParameterSupported: false };
  test.each([
    [supported, 'iss=https://as.example&code=1', undefined],
    [supported, 'code=1', 'issuer_missing'],
    [silent, 'code=1', undefined],
    [silent, 'iss=https://as.example&code=1', undefined],
    [silent, 'iss=https://evil.example&code=1', 'issuer_mismatch'],
    [supported, 'iss=https://as.example/&code=1', 'issuer_mismatch'],
    [supported, 'iss=https://AS.example&code=1', 'issuer_mismatch'],
    [supported, 'iss=https://as.example:443&code=1', 'issuer_mismatch'],
    [supported, 'iss=https://evil.example&error=x&error_description=y', 'issuer_mismatch'],
    [supported, 'iss=https://as.example&iss=https://evil.example', 'issuer_mismatch'],
    [supported, 'error=access_denied', 'issuer_missing'],
  ])('%o %s', (recorded, query, refusal) => {
    expect(checkResponseIssuer(recorded, new URLSearchParams(query))).toBe(refusal);
  });
});

describe('A111, SDK-09, CHK-02: documents must speak of what was asked', () => {
  const url = 'https://up.example/mcp';
  const issuer = 'https://as.example';
  const good = {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    code_challenge_methods_supported: ['S256'],
  };

  test('protected resource', () => {
    expect(checkProtectedResource(url, { resource: url, authorization_servers: [issuer] })).toBeUndefined();
    for (const resource of ['https://up.example', `${url}/`, 'https://UP.example/mcp', undefined]) {
      expect(checkProtectedResource(url, { resource, authorization_servers: [issuer] })).toBe('resource_mismatch');
    }
    for (const servers of [[], undefined, [1], issuer]) {
      expect(checkProtectedResource(url, { resource: url, authorization_servers: servers })).toBe(
        'no_authorization_server',
      );
    }
  });

  test('authorization server', () => {
    expect(checkServerMetadata(issuer, good)).toBeUndefined();
    expect(checkServerMetadata(issuer, { ...good, issuer: `${issuer}/` })).toBe('metadata_issuer_mismatch');
    for (const methods of [undefined, [], ['plain'], 'S256']) {
      expect(checkServerMetadata(issuer, { ...good, code_challenge_methods_supported: methods })).toBe(
        'pkce_unsupported',
      );
    }
    expect(checkServerMetadata(issuer, { ...good, token_endpoint: 'http://as.example/token' })).toBe(
      'endpoint_insecure',
    );
    expect(checkServerMetadata(issuer, { ...good, registration_endpoint: 'file:///x' })).toBe('endpoint_insecure');
  });

  test.each([
    'javascript:alert(1)',
    'file:///etc/passwd',
    'data:text/html,x',
    'vbscript:x',
    'http://as.example/',
    'https://a:b@as.example/',
    'https://as.example/ && calc',
    'https://as.example/\n--flag',
    'cmd /c start',
    '$(id)',
    'https:',
    '',
  ])('GW-40, CHK-04: %j is never opened', (text) => {
    expect(isOpenableUrl(text)).toBe(false);
    expect(checkServerMetadata(issuer, { ...good, authorization_endpoint: text })).toBe('endpoint_insecure');
  });

  test('https anywhere and http on loopback may be opened', () => {
    for (const text of ['https://as.example/a?b=c', 'http://127.0.0.1:8080/', 'http://localhost/', 'http://[::1]/'])
      expect(isOpenableUrl(text)).toBe(true);
  });
});
