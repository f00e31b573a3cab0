import { createResourceServer, type ResourceServer } from '@sekisho/auth';
import { createApiKeyVerifier, createKey, memoryKeyStore } from '@sekisho/auth/keys';
import { randomBytes } from 'node:crypto';

/**
 * A gate that accepts API keys, and one key. For sign-in by OAuth add `authorizationServers: [{ issuer: 'https://as.example' }]`.
 */
export async function createGate(resource: string): Promise<{ readonly gate: ResourceServer; readonly key: string }> {
  const store = memoryKeyStore();
  const peppers = { current: 'first', secrets: { first: randomBytes(32) } };
  const { key } = await createKey({ store, peppers }, { principal: 'example', roles: ['reader'] });
  return { gate: createResourceServer({ resource, apiKeys: createApiKeyVerifier({ store, peppers }) }), key };
}
