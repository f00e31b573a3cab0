export {
  noCredential,
  staticCredential,
  type ResolveSecret,
  type SecretReference,
  type StaticCredentialOptions,
  type UpstreamCredential,
  type UpstreamGrant,
  type UpstreamRequest,
} from './credential.ts';
