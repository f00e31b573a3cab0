export type { RandomBytes } from './key-format.ts';
export { memoryKeyStore, type KeyRecord, type KeyStore } from './key-store.ts';
export {
  createApiKeyVerifier,
  type ApiKeyVerifier,
  type ApiKeyVerifierOptions,
  type KeyUse,
  type KeyVerdict,
} from './key-verifier.ts';
export { fileKeyStore, type FileKeyStoreOptions } from './file-key-store.ts';
export { ensureLocalKey, type LocalKey } from './local-key.ts';
export {
  createKey,
  listKeys,
  revokeKey,
  rotateKey,
  type CreatedKey,
  type KeyAdministration,
  type KeySpecification,
  type PublicKeyRecord,
} from './manage-keys.ts';
export type { PepperRing } from './pepper.ts';
export { permitsTarget, type KeyTarget } from './permits-target.ts';
