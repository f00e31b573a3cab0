import { existsSync, readFileSync } from 'node:fs';
import type { BackendLaunch } from '../backends/backend.ts';
import type { NetworkEvent } from '../network/events.ts';
import { createRefusalRecorder } from '../network/events.ts';
import type { BoxPlan } from '../plan.ts';
import { openSecret, type SecretSource } from '../secrets.ts';
import { type BoxAuthority, createAuthority } from './authority.ts';
import { createHttpRelay, type HttpRelay } from './http-relay.ts';
import { type BrokeredValue, createPlaceholder } from './placeholders.ts';

export interface Broker {
  values: readonly BrokeredValue[];
  authority: BoxAuthority;
  relay: HttpRelay;
  /** Certificates for the box. */
  files: BackendLaunch['files'];
  /** Variables that make clients trust them. */
  environment: Record<string, string>;
  /** The variables of the secrets, holding their placeholders. */
  placeholders: Record<string, string>;
}

interface BrokerOptions {
  secrets: SecretSource;
  upstreamCertificates: string | readonly string[] | undefined;
  now: () => number;
  emit: (event: NetworkEvent) => void;
}

const CERTIFICATE_FILE = '/etc/sandbox-ca.pem';
const BUNDLE_FILE = '/etc/sandbox-bundle.pem';
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
  '/etc/ssl/ca-bundle.pem',
];

/** Opens the brokered secrets of a box and makes its certificate authority. The values stay in this process. */
export async function createBroker(
  plan: BoxPlan,
  { secrets, upstreamCertificates, now, emit }: BrokerOptions,
): Promise<Broker> {
  const values: BrokeredValue[] = [];
  for (const entry of plan.brokered)
    values.push(createPlaceholder(entry, await openSecret(entry.variable, entry.secret, secrets)));
  const authority = createAuthority(now);
  const refuse = createRefusalRecorder(emit, now);
  const system = SYSTEM_BUNDLES.find((file) => existsSync(file));
  const bundle = (system === undefined ? '' : readFileSync(system, 'utf8')) + authority.certificate;
  return {
    values,
    authority,
    relay: createHttpRelay({
      values,
      upstreamCertificates,
      onPlaceholder: emit,
      onHostMismatch: ({ host, port }) => refuse(host, port, 'host-mismatch'),
    }),
    files: new Map([
      [CERTIFICATE_FILE, { content: authority.certificate }],
      [BUNDLE_FILE, { content: bundle }],
    ]),
    environment: {
      NODE_EXTRA_CA_CERTS: CERTIFICATE_FILE,
      SSL_CERT_FILE: BUNDLE_FILE,
      REQUESTS_CA_BUNDLE: BUNDLE_FILE,
      CURL_CA_BUNDLE: BUNDLE_FILE,
      GIT_SSL_CAINFO: BUNDLE_FILE,
      AWS_CA_BUNDLE: BUNDLE_FILE,
      DENO_CERT: CERTIFICATE_FILE,
    },
    placeholders: Object.fromEntries(values.map(({ variable, placeholder }) => [variable, placeholder])),
  };
}
