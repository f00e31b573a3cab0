import { authConfigSchema } from '@sekisho/auth/config';
import { z } from 'zod';

const { apiKeys, authorizationServers, origins: _listed, resource, ...rest } = authConfigSchema.shape;
const issuer = authorizationServers.unwrap().element;
const { clientSecret: _byName, ...introspection } = issuer.shape.introspection.unwrap().shape;

/** The reference of a secret is filled in before the schema looks, so here stands its value. */
const authorizationServer = issuer.extend({
  introspection: z
    .strictObject({
      ...introspection,
      clientSecret: z.string().min(1).describe('Of the gateway at the issuer. Write a reference: "${secret:name}".'),
    })
    .optional()
    .describe('Ask the issuer about tokens (RFC 7662).'),
});

const keys = z
  .strictObject({
    environment: apiKeys.unwrap().shape.environment,
    recheckMs: apiKeys.unwrap().shape.recheckMs,
  })
  .describe('Accept API keys; "sekisho keys" makes them. They are kept in the state folder.');

/** `x-sekisho.auth`. Web origins stand in `listen.allowedOrigins`, so that there is one list of them. */
export const authSection = z
  .strictObject({
    resource: resource
      .optional()
      .describe(
        'URL of the endpoint exactly as clients are given it, such as https://mcp.example.com/mcp; each server is below it. Needed with authorizationServers.',
      ),
    authorizationServers: z.array(authorizationServer).min(1).optional().describe('Issuers whose tokens are accepted.'),
    apiKeys: keys.optional(),
    ...rest,
  })
  .refine((section) => section.authorizationServers !== undefined || section.apiKeys !== undefined, {
    error: 'name an authorization server or accept API keys: there is nothing to check a credential with',
  })
  .refine((section) => section.authorizationServers === undefined || section.resource !== undefined, {
    error: 'tokens must be for this gateway: say its URL as "resource"',
    path: ['resource'],
  });

export type AuthSection = z.infer<typeof authSection>;
