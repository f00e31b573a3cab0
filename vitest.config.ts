import { defineConfig } from 'vitest/config';

const conditions = ['@sekisho/source', 'node', 'import', 'module', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['@sekisho/source', 'node', 'default'] } },
  test: {
    include: [
      'packages/*/{src,test}/**/*.test.ts',
      'apps/*/{src,test}/**/*.test.ts',
      'examples/*/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    pool: 'forks',
    // Children that a test starts run TypeScript from source, as the program itself does.
    execArgv: ['--conditions=@sekisho/source'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
