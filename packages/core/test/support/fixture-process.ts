import { fileURLToPath } from 'node:url';

const servers = new URL('../fixtures/servers/', import.meta.url);

/** How to start a fixture as a stdio upstream: members of an UpstreamSpec. */
export const stdioFixture = (name: string, ...args: string[]) =>
  ({
    kind: 'stdio',
    command: process.execPath,
    args: [fileURLToPath(new URL('main.ts', servers)), name, '--stdio', ...args],
    env: {},
  }) as const;

/** The conformance fixture as a stdio upstream. */
export const stdioConformance = (era: 'modern' | 'legacy' | 'both' = 'both') =>
  ({
    kind: 'stdio',
    command: process.execPath,
    args: [fileURLToPath(new URL('conformance/main.ts', servers)), '--stdio', '--era', era],
    env: {},
  }) as const;
