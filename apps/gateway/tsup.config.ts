import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/main.ts'],
  format: 'esm',
  target: 'node22',
  dts: false,
  clean: true,
  sourcemap: true,
  // Some modules of Node exist under their prefix alone: node:sqlite would be looked for as a package.
  removeNodeProtocol: false,
});
