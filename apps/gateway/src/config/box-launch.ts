import type { SandboxProfile } from '@sekisho/sandbox';

/** What the starter of boxes gets with a server, complete and expanded; it travels as `launch` of the server's specification. */
export type BoxLaunch = {
  readonly profile: SandboxProfile;
  /** Where it starts, though nothing of it is granted. */
  readonly directory: string;
  /** The operator chose no box, with the sentence. */
  readonly none: boolean;
  /** Values of the secrets that the profile names. */
  readonly secrets: Readonly<Record<string, string>>;
};

/** The launch part of a specification, which core hands through unread. */
export function readBoxLaunch(launch: Readonly<Record<string, unknown>> | undefined): BoxLaunch | undefined {
  return launch !== undefined && 'profile' in launch && 'directory' in launch
    ? (launch as unknown as BoxLaunch)
    : undefined;
}
