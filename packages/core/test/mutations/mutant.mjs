// Loaded before a probe: gives one source file out with one snippet replaced, as told by SEKISHO_MUTATION.
import { registerHooks } from 'node:module';

const { file, from, to } = JSON.parse(process.env.SEKISHO_MUTATION);

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith(file)) return loaded;
    const source = typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source).toString();
    if (!source.includes(from)) throw new Error(`the snippet is not in ${file}`);
    return { ...loaded, source: source.replace(from, () => to) };
  },
});
