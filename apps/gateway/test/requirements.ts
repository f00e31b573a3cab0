/** What the two founding policies promise, and which tests would fail if it were not kept. */
export type Requirement = {
  readonly id: string;
  readonly promise: string;
} & (
  | {
      /** Words of the tests' titles by the file that they stand in, from the root of the repository. */
      readonly keptBy: Readonly<Record<string, readonly string[]>>;
      /** What is still missing of it. */
      readonly lacks?: string;
    }
  /** What its home is, which is still to come. */
  | { readonly open: string }
);

const app = 'apps/gateway/test';

export const requirements: readonly Requirement[] = [
  {
    id: 'H01',
    promise: 'subprocess isolation for MCP servers',
    keptBy: {
      [`${app}/sandbox/box.test.ts`]: ['R-30: runs in a box that was proved, and the status says so'],
      [`${app}/sandbox/refusals.test.ts`]: [
        'BOX-02, R-31: the server does not start, and the error says what to install',
      ],
      'packages/sandbox/test/escapes.test.ts': [
        'holds against every case',
        'nearly all of them get through a launcher that is too weak',
      ],
    },
  },
  {
    id: 'H02',
    promise: 'permission-based access control for servers',
    keptBy: {
      [`${app}/sandbox/box.test.ts`]: [
        'writes nowhere, connects nowhere, starts nothing',
        'a granted folder is the only one',
      ],
      'packages/sandbox/test/defects.test.ts': ['BOX-14: one field leaves everything else denied'],
    },
  },
  {
    id: 'H03',
    promise: 'resource limits on the whole process tree',
    keptBy: { 'packages/sandbox/test/limits.test.ts': ['ends one process that takes too'] },
  },
  {
    id: 'H04',
    promise: 'personal data and secrets are masked in logs, arguments, results, errors and the record',
    keptBy: {
      'packages/pii/test/adversarial.test.ts': ['adversarial cases'],
      'apps/gateway/test/mount/pii.test.ts': [
        'is masked on every method, in both eras, in errors, progress and log messages',
        'is what somebody typed, but a secret stops the call, and it is on no record',
      ],
    },
  },
  {
    id: 'H05',
    promise: 'secure session management',
    keptBy: {
      'packages/core/test/edge/isolation.test.ts': [
        'belong to one principal and one endpoint, and survive attempts of others',
      ],
      'packages/auth/test/sessions.test.ts': ['A103: never takes up an id that came with the request'],
    },
  },
  {
    id: 'H06',
    promise: 'no data collection or telemetry',
    keptBy: { [`${app}/telemetry/no-telemetry.test.ts`]: ['H06: the server with the three official servers'] },
  },
  {
    id: 'H07',
    promise: 'OAuth 2.1: resource server for clients; client towards upstreams',
    keptBy: {
      'packages/auth/test/authorization-flow.test.ts': [
        'finds it through the challenge, signs in with PKCE and resource',
      ],
    },
    lacks: 'tokens towards upstreams for each user',
  },
  {
    id: 'H08',
    promise: 'bearer token validation; tokens are never passed on',
    keptBy: {
      'packages/auth/test/attacks.test.ts': ['the attack catalogue, CHK-11, through %s'],
      'packages/auth/test/upstream.test.ts': ['cannot be configured to carry anything else'],
    },
  },
  {
    id: 'H09',
    promise: 'CORS: exact origins, correct preflight, credentials never with a wildcard',
    keptBy: {
      'packages/auth/test/web.test.ts': [
        'a listed origin is echoed, without credentials',
        'an unlisted one learns nothing',
      ],
    },
  },
  {
    id: 'H10',
    promise: 'JSON-RPC request validation in every revision',
    keptBy: {
      'packages/core/test/edge/bad-input.test.ts': ['refuses %s, and serves the next'],
      'packages/protocol/src/json/check.test.ts': [
        'refuses a repeated name at any depth of any object',
        'bounds nesting exactly',
      ],
    },
  },
  {
    id: 'H11',
    promise: 'configuration schema validation; errors name the place and the remedy',
    keptBy: {
      [`${app}/config/rules.test.ts`]: ['a file that cannot be used is refused with its place'],
      [`${app}/config/reload.test.ts`]: ['the published schema is the one that the code makes'],
    },
  },
  {
    id: 'H12',
    promise: 'path traversal prevention',
    keptBy: {
      [`${app}/sandbox/box.test.ts`]: ['a granted folder is the only one, through links and renames too'],
      [`${app}/cli/backup.test.ts`]: ['is refused, and the state stays', 'links are not followed'],
      'packages/sandbox/test/filesystem.test.ts': [
        'in a writable directory is not uncovered by renaming, unlinking or linking',
      ],
    },
  },
  {
    id: 'H13',
    promise: 'security.requireAuth: no way to be served without, and no listening beyond loopback without it',
    keptBy: {
      [`${app}/regression/configuration.test.ts`]: ['O01: where callers sign in there is no way to be served without'],
      [`${app}/regression/doors.test.ts`]: ['no door answers anything, and nothing reaches a server'],
      [`${app}/config/rules.test.ts`]: ['R-66: inside x-sekisho are an error'],
    },
  },
  {
    id: 'H14',
    promise: 'secrets from the environment and from files with tight permissions, by reference only',
    keptBy: {
      [`${app}/config/expansion.test.ts`]: [
        'comes from a file that only its owner reads',
        'whatever way a secret came in, it is masked',
      ],
      [`${app}/config/settings-references.test.ts`]: ['without a value stop the whole file'],
    },
  },
  {
    id: 'H15',
    promise: 'legacy sessions survive a restart or another replica when Redis is configured',
    open: 'core: an external store of sessions',
  },
  {
    id: 'H16',
    promise: 'proliferating sessions are contained',
    keptBy: {
      [`${app}/limits/methods.test.ts`]: ['initialize'],
      [`${app}/limits/streams.test.ts`]: ['without a section there is a limit all the same'],
    },
  },
  {
    id: 'H17',
    promise: 'back ends for Linux, macOS and containers behind one profile, with a table of what each enforces',
    keptBy: {
      'packages/sandbox/test/defects.test.ts': ['BOX-01: the back end that is documented is the one that runs'],
    },
    lacks: 'seatbelt and containers are tested on their arguments alone',
  },
  {
    id: 'H18',
    promise: 'third-party servers are limited in what they can expose',
    open: 'guard: pinning and quarantine (egress lists are kept: see H02)',
  },
  {
    id: 'H19',
    promise: 'security headers by default, HSTS on TLS',
    keptBy: {
      [`${app}/transport/response-headers.test.ts`]: [
        'H19, O23: every response bears every header, whatever it answers',
        'H19: the admin port says the same',
      ],
    },
  },
  {
    id: 'H20',
    promise: 'OAuth 2.1, RFC 9728 and the security best practices of MCP',
    keptBy: {
      'packages/auth/test/documents.test.ts': ['every id that the table of requirements cites stands in a test'],
      'packages/auth/test/web.test.ts': ['is at the path-inserted place with the resource byte for byte'],
    },
  },
  {
    id: 'H21',
    promise: 'supported versions, reporting, response times',
    keptBy: {
      [`${app}/docs/security.test.ts`]: [
        'H21: says where to report, when one is answered, and which versions are mended',
      ],
    },
    lacks: 'an audit by others; a scan of dependencies needs the registry’s audit service',
  },
  {
    id: 'O01',
    promise: 'API key validation for all tool executions',
    keptBy: {
      [`${app}/regression/doors.test.ts`]: ['no door answers anything, and nothing reaches a server'],
      [`${app}/auth/attacks.test.ts`]: ['without a section API keys are required on loopback too'],
      [`${app}/auth/keys.test.ts`]: ['R-64: that is revoked is refused'],
    },
  },
  {
    id: 'O02',
    promise: 'JWT support for session management of our own pages',
    keptBy: {
      'packages/auth/test/sessions.test.ts': [
        'is started with a __Host- cookie that holds a session+jwt',
        'refreshes into a new token',
      ],
    },
    lacks: 'the pages themselves, which come with the console',
  },
  {
    id: 'O03',
    promise: 'role-based access control; lists are filtered by the same rule',
    keptBy: {
      [`${app}/mount/policy.test.ts`]: [
        'a policy filters lists and gates calls, and hidden answers byte for byte as unknown',
      ],
    },
  },
  {
    id: 'O04',
    promise: 'rate limiting by key, principal, tenant, server, tool and address at once',
    keptBy: {
      [`${app}/limits/calls.test.ts`]: [
        'one caller’s use is not another’s, tenants share',
        'a refused call charges nothing anywhere',
      ],
      [`${app}/limits/address.test.ts`]: ['ten wrong credentials, and from then on nobody is asked'],
    },
  },
  {
    id: 'O05',
    promise: 'encryption at rest, key ring, rotation',
    open: 'vault (keys are stored as HMAC, identities of the record are sealed: see O07, O25)',
  },
  {
    id: 'O06',
    promise: 'no API keys in logs or artifacts',
    keptBy: {
      [`${app}/regression/secrets.test.ts`]: [
        'O06, O28: no secret is written in clear',
        'no list, error, status or log holds a credential of a server',
      ],
      [`${app}/mount/pii.test.ts`]: ['from %s are masked in everything, with no section'],
      [`${app}/auth/keys.test.ts`]: ['are their owner’s alone, hold no key but his'],
    },
  },
  {
    id: 'O07',
    promise: 'secure handling of user credentials',
    keptBy: {
      'packages/auth/test/keys.test.ts': ['has the published format and stands in no record'],
      'packages/sandbox/test/broker.test.ts': ['is nowhere in the box: environment, files, arguments, memory'],
    },
  },
  {
    id: 'O08',
    promise: 'input sanitisation and validation',
    keptBy: {
      [`${app}/content/content.test.ts`]: ['are refused where that is enforced, with the place and never the value'],
      'packages/core/test/edge/bad-input.test.ts': ['refuses %s, and serves the next'],
    },
  },
  {
    id: 'O09',
    promise: 'HTTPS from files with reload; modern versions only',
    keptBy: {
      [`${app}/transport/transport.test.ts`]: [
        'serves HTTP/2 and HTTP/1.1 by TLS 1.2 and later, and nothing older',
        'takes up a renewed certificate while it runs',
      ],
    },
  },
  {
    id: 'O10',
    promise: 'no WebSocket: every upgrade and every tunnel is refused',
    keptBy: {
      [`${app}/transport/response-headers.test.ts`]: [
        'O10, SDK-07: no upgrade is taken',
        'O10: nor of HTTP/2, where CONNECT is what asks for one',
      ],
    },
  },
  {
    id: 'O11',
    promise: 'certificates of servers are validated',
    keptBy: { 'packages/core/src/upstreams/http/http-link.test.ts': ['certificate'] },
  },
  {
    id: 'O12',
    promise: 'CORS policy enforcement',
    keptBy: {
      [`${app}/transport/response-headers.test.ts`]: ['H09, O12: CORS is exact'],
      [`${app}/auth/attacks.test.ts`]: ['A97: preflight and CORS headers are for listed origins only'],
    },
  },
  {
    id: 'O13',
    promise: 'comprehensive audit logging: exactly one terminal event for each exchange',
    keptBy: {
      [`${app}/audit/mount.test.ts`]: ['a gateway keeps a record without being asked to'],
      'packages/audit/test/exchange.test.ts': ['exactly one terminal record'],
    },
  },
  { id: 'O14', promise: 'anomaly detection for unusual patterns', open: 'monitor' },
  {
    id: 'O15',
    promise: 'security event tracking: typed events, OCSF and OTLP export',
    keptBy: {
      'packages/audit/test/formats.test.ts': ['OCSF: class by type'],
      'packages/audit/test/sinks.test.ts': ['a partial success of a collector is no success'],
    },
  },
  {
    id: 'O16',
    promise: 'real-time alerts for critical events',
    open: 'monitor (a webhook sink delivers every record: see O15)',
  },
  {
    id: 'O17',
    promise: 'API key rotation: overlap, expiry, revocation within a second',
    keptBy: {
      [`${app}/auth/keys.test.ts`]: [
        'R-64: that is revoked is refused, and loses its sessions and streams, within a second',
      ],
      'packages/auth/test/keys.test.ts': [
        'both keys work for the overlap, the old one reported as deprecated',
        'lives 90 days unless told otherwise',
      ],
    },
  },
  {
    id: 'O18',
    promise: 'least privilege, deny by default',
    keptBy: {
      [`${app}/sandbox/box.test.ts`]: ['sees its own program and its declared variables, and nothing else'],
      [`${app}/mount/policy-cases.test.ts`]: ['an absent policy, an empty one and one that fails deny'],
    },
  },
  {
    id: 'O19',
    promise: 'generic error messages',
    keptBy: { 'packages/core/test/mutations/mutations.test.ts': ['are missed by their probes'] },
  },
  {
    id: 'O20',
    promise: 'prompt injection: validated output, strict templates, hidden characters',
    keptBy: {
      [`${app}/content/content.test.ts`]: [
        'that do not fit are withheld where that is enforced',
        'the status tells of what a definition hides',
      ],
    },
    lacks: 'guard: spotlighting and sanitised results',
  },
  {
    id: 'O21',
    promise: 'third parties: deadlines, bounded retries of safe calls only, health',
    keptBy: {
      'packages/core/src/upstreams/backoff.test.ts': ['in no minute are there more than ten attempts'],
      'packages/core/src/upstreams/http/http-link.test.ts': ['SDK-12: a body that is too long is cut off'],
    },
  },
  {
    id: 'O22',
    promise: 'file system: strict path validation, sandboxed execution, limited permissions',
    keptBy: { [`${app}/sandbox/box.test.ts`]: ['what protects the gateway is never granted'] },
  },
  {
    id: 'O23',
    promise: 'headers for HTTP: nosniff, DENY, HSTS with subdomains, CSP, Referrer-Policy, Permissions-Policy',
    keptBy: {
      [`${app}/transport/response-headers.test.ts`]: [
        'H19, O23: every response bears every header, whatever it answers',
        'H19: what tells clients where to sign in bears them too',
      ],
      [`${app}/transport/transport.test.ts`]: ['headers beyond 16 KiB are refused, with the headers of every response'],
    },
  },
  {
    id: 'O24',
    promise: 'arguments and results are not stored by default',
    keptBy: {
      [`${app}/audit/mount.test.ts`]: ['what the configuration asks to be kept is sealed under the key of its sender'],
    },
  },
  {
    id: 'O25',
    promise: 'erasure: no byte of the subject remains, and the chain still verifies',
    keptBy: { 'packages/audit/test/erasure.test.ts': ['erasing a subject: no marker in any file'] },
  },
  {
    id: 'O26',
    promise: 'portability: one command exports a subject’s data with proofs',
    keptBy: {
      'packages/audit/test/erasure.test.ts': [
        'an export is complete, opened, and each record proves itself without the log',
      ],
    },
  },
  {
    id: 'O27',
    promise: 'consent per client and upstream, recorded and withdrawn',
    open: 'auth: pages of consent, with tokens towards upstreams',
  },
  {
    id: 'O28',
    promise: 'an evidence pack made from the record, which says that it is evidence and no report',
    keptBy: {
      [`${app}/incident/incident.test.ts`]: [
        'evidence is a signed bundle whose record verifies by itself, without what names people',
      ],
    },
  },
  {
    id: 'O29',
    promise: 'incidents: isolate, preserve evidence, rotate, restore, verify integrity',
    keptBy: {
      [`${app}/incident/incident.test.ts`]: [
        'a server cuts off calls in flight and new ones within a second',
        'everything holds over a restart, and is on the record with its release',
        'evidence is a signed bundle whose record verifies by itself',
      ],
      [`${app}/cli/backup.test.ts`]: ['what was backed up comes back'],
    },
    lacks: 'notification of others goes by webhooks of the record: alerts come with monitor',
  },
  {
    id: 'O30',
    promise: 'each line of the security checklist is checked on the running configuration',
    keptBy: {
      [`${app}/doctor/doctor.test.ts`]: [
        'O30: a gateway in good order has nothing to be told',
        'O30: each line of the checklist',
      ],
    },
  },
  {
    id: 'O31',
    promise: 'static analysis and checks of what is published in CI',
    keptBy: { 'scripts/test.test.ts': [''], [`${app}/packed/packed.test.ts`]: ['no library brings another one along'] },
    lacks: 'a scan of dependencies for known holes needs the registry’s audit service',
  },
  {
    id: 'O32',
    promise: 'orchestration of many tools through one server, with the same checks at each step',
    keptBy: {
      'packages/core/test/clients/gateway.test.ts': ['SDK v1 to a legacy upstream'],
      [`${app}/mount/two-principals.test.ts`]: ['R-08 R-09: whatever both do at once'],
    },
  },
  {
    id: 'O33',
    promise: 'a rule may demand a fresh or stronger sign-in',
    keptBy: { 'packages/auth/test/authorization-flow.test.ts': ['steps up when a tool needs another scope'] },
  },
  {
    id: 'O34',
    promise: 'backup and recovery are tested',
    keptBy: {
      [`${app}/cli/backup.test.ts`]: [
        'what was backed up comes back',
        'a database that is being written to is copied whole',
      ],
    },
  },
];

/** The guarantees of SECURITY.md whose id stands in no title of a test, with the tests that would fail. */
export const guarantees: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'R-20': {
    [`${app}/transport/response-headers.test.ts`]: [
      'H19, O23: every response bears every header',
      'O10, SDK-07: no upgrade',
    ],
  },
  'R-21': {
    [`${app}/transport/transport.test.ts`]: [
      'serves HTTP/2 and HTTP/1.1 by TLS 1.2 and later, and nothing older',
      'headers that do not come to an end are cut off',
      'one address gets so many connections and no more',
    ],
  },
  'R-22': {
    [`${app}/incident/incident.test.ts`]: [
      'a server cuts off calls in flight and new ones within a second',
      'a list that cannot be read cuts off everything',
    ],
  },
  'R-01': {
    'packages/protocol/src/json/check.test.ts': [
      'refuses a repeated name at any depth of any object',
      'refuses half a pair',
    ],
  },
  'R-02': {
    'packages/core/test/edge/bad-input.test.ts': ['refuses %s, and serves the next'],
    'packages/core/test/leaks.test.ts': [''],
  },
  'R-03': {
    'packages/core/test/edge/bad-input.test.ts': ['does not serve %s', 'serves the origin of the host itself'],
  },
  'R-04': {
    'packages/protocol/src/headers/headers.test.ts': ['come back as they were, and are safe to send'],
    [`${app}/limits/calls.test.ts`]: ['a modern header that lies is refused'],
  },
  'R-05': { 'packages/core/test/edge/bad-input.test.ts': ['does not serve %s'] },
  'R-06': { 'packages/auth/test/properties.test.ts': ['GW-27: nothing but a good credential yields an identity'] },
  'R-07': {
    'packages/core/test/edge/isolation.test.ts': [
      'belong to one principal and one endpoint, and survive attempts of others',
    ],
  },
  'R-10': {
    'packages/core/test/edge/isolation.test.ts': [
      'a stream of other answers',
      'cannot put a second event into a stream with line breaks of its own',
    ],
  },
  'R-11': { 'packages/core/test/mutations/mutations.test.ts': ['are missed by their probes'] },
  'R-12': { 'packages/core/test/edge/upstream-life.test.ts': [''] },
  'R-13': { 'packages/core/test/lossless/lossless.test.ts': [''] },
  'R-15': { 'packages/core/src/upstreams/http/sse-link.test.ts': ['GW-07, SDK-11: an endpoint elsewhere is refused'] },
  'R-16': { [`${app}/config/expansion.test.ts`]: ['two references do not make a third', 'keys are not expanded'] },
  'R-17': { 'packages/core/test/mutations/mutations.test.ts': ['are missed by their probes'] },
  'R-18': { 'packages/core/src/upstreams/backoff.test.ts': ['CHK-20: after ten attempts it waits for minutes'] },
  'R-73': {
    'packages/core/test/eras/tasks.test.ts': [
      'belongs to who made it: to everybody else it does not exist',
      'is decided on by the tool that made it',
      'go to who made them, under their ids, tagged and through the ports',
    ],
  },
  'R-74': {
    'packages/core/test/matrix/matrix.test.ts': ['$method: $situation'],
    'packages/core/test/eras/rounds.test.ts': ['answers that a legacy client brings unasked go nowhere'],
    'packages/core/test/eras/headers.test.ts': ['and no reserved member of the other hop reaches a legacy server'],
  },
  'R-75': {
    'packages/core/test/eras/headers.test.ts': [
      'are made from what a filter leaves of them',
      'have every digit of an integer',
    ],
  },
};
