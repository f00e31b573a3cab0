import { danger, note, warning, type Check } from './finding.ts';

const LEAST_FREE_BYTES = 1_073_741_824;

/** What is masked, checked and recorded. */
export const contentChecks: readonly Check[] = [
  {
    id: 'masking',
    title: 'Personal data and secrets are masked on their way to models',
    when: 'deployment',
    find: ({ config }) =>
      config.settings.pii === undefined
        ? [
            note(
              'Content passes as it is; only secrets of the configuration are masked.',
              'Add "pii" with what is to be masked, and for whom.',
            ),
          ]
        : [],
  },
  {
    id: 'schemas',
    title: 'Arguments that do not fit their tool are refused',
    when: 'deployment',
    find: ({ config }) =>
      config.settings.content?.arguments === 'off'
        ? [
            warning(
              'Arguments are not held against the schemas of their tools.',
              'Set "content.arguments" to "warn" or "enforce".',
            ),
          ]
        : config.settings.content?.arguments === 'enforce'
          ? []
          : [
              note(
                'Arguments that do not fit their tool are passed on and logged.',
                'Set "content.arguments" to "enforce" when the log is quiet.',
              ),
            ],
  },
  {
    id: 'record',
    title: 'Everything is recorded before it is answered',
    when: 'deployment',
    find: ({ config }) => {
      const { audit } = config.settings;
      if (audit?.enabled === false) return [danger('Nothing is recorded.', 'Take "enabled": false out of "audit".')];
      return audit?.durability === 'relaxed'
        ? [
            warning(
              'Answers leave before their record is on disk; a crash can lose some.',
              'Set "audit.durability" to "standard".',
            ),
          ]
        : [];
    },
  },
  {
    id: 'outside-checkpoints',
    title: 'Checkpoints of the record are kept outside, so that a rollback of the whole is seen',
    when: 'deployment',
    find: ({ config }) => {
      const { audit, auth } = config.settings;
      if (audit?.enabled === false || (audit?.places?.length ?? 0) > 0) return [];
      const what =
        'Nobody outside keeps checkpoints: who can write the state folder can put an old record in its place.';
      const remedy = 'Add "audit.places", on another host or with other rights.';
      return auth === undefined ? [note(what, remedy)] : [warning(what, remedy)];
    },
  },
  {
    id: 'room',
    title: 'There is room for the record',
    when: 'deployment',
    find: ({ machine: { freeBytes } }) =>
      freeBytes !== undefined && freeBytes < LEAST_FREE_BYTES
        ? [
            danger(
              `Only ${Math.floor(freeBytes / 1_048_576)} MiB are free where the record is kept; when it is full, calls are refused.`,
              'Make room, or lower "audit.maxTotalBytes".',
            ),
          ]
        : [],
  },
];
