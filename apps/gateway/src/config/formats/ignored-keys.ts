import type { EntryContext } from './entry-context.ts';

/** Keys that steer a client and not us, with what the operator should know when they are used. */
const notes: readonly {
  readonly key: string;
  readonly used: (value: unknown) => boolean;
  readonly note: string;
  readonly remedy?: string;
}[] = [
  { key: 'autoApprove', used: isFilled, note: 'approves tools in a client; it grants nothing in Sekisho.' },
  { key: 'alwaysAllow', used: isFilled, note: 'approves tools in a client; it grants nothing in Sekisho.' },
  { key: 'trust', used: isFilled, note: 'approves tools in a client; it grants nothing in Sekisho.' },
  {
    key: 'default_tools_approval_mode',
    used: (value) => value === 'approve',
    note: 'approves tools in a client; it grants nothing in Sekisho.',
  },
  {
    key: 'headersHelper',
    used: isFilled,
    note: 'names a command that makes headers; Sekisho does not run commands for that.',
    remedy: 'Put the header into "headers", with its value from the environment or a secret.',
  },
  ...['oauth', 'auth', 'authProviderType'].map((key) => ({
    key,
    used: isFilled,
    note: 'is the sign-in of a client; this version of Sekisho does not sign in to servers.',
    remedy: 'If the server answers 401, give it a header in "headers".',
  })),
  {
    key: 'sandboxEnabled',
    used: (value) => value === false,
    note: 'switches off the sandbox of a client; here the server runs in its box all the same.',
  },
  {
    key: 'inheritParentEnv',
    used: isFilled,
    note: 'is not applied: a server never gets the whole environment of the gateway.',
    remedy: 'Name what it needs in "env".',
  },
];

/** Says once per server which of the client's own keys have no effect here. */
export function findIgnoredKeys({ raw, place, warn }: EntryContext): void {
  for (const { key, used, note, remedy } of notes) {
    if (used(raw[key])) warn(place(key), `"${key}" ${note}`, remedy);
  }
}

function isFilled(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  return typeof value === 'object' ? Object.keys(value).length > 0 : true;
}
