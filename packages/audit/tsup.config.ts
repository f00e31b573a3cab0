import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    config: 'src/config.ts',
    'index-sqlite': 'src/index-sqlite.ts',
    'sinks/postgres': 'src/sinks/postgres.ts',
    'telemetry/opentelemetry': 'src/telemetry/opentelemetry.ts',
    'testing/index': 'src/testing/index.ts',
    'verifier/main': 'src/verifier/main.ts',
  },
  format: 'esm',
  target: 'node22',
  dts: false,
  clean: true,
  sourcemap: true,
  // Some modules of Node exist under their prefix alone: node:sqlite would be looked for as a package.
  removeNodeProtocol: false,
});
