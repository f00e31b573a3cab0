import { isProblem, parseDocument } from '../src/config/formats/document.ts';
import { parseTemplate, referencesIn } from '../src/config/template.ts';

/** A file of somebody's client: a document, or a problem with a place in it. Never an exception, and never long. */
export const target = {
  name: 'config',
  dictionary: [
    '${',
    '}',
    '${A:-',
    '${secret:x}',
    '//',
    '/*',
    '*/',
    "'",
    '__proto__',
    ',',
    '\\x41',
    '+Infinity',
    '0x',
    '\n[',
    '"""',
  ],
  seeds: [
    '{"mcpServers": {"a": {"command": "node", "args": ["${A:-${B}}"]}}}',
    "{mcpServers: {a: {command: 'node', /* x */ args: ['\\x41',],},},}",
    '[mcp_servers.a]\ncommand = "node"\nargs = ["x"]\n',
  ],
  run(bytes: Buffer): void {
    for (const name of ['a.json', 'a.json5', 'a.toml']) {
      const parsed = parseDocument(name, bytes);
      if (isProblem(parsed) && !(parsed.place.line >= 1 && parsed.place.column >= 1))
        throw new Error('a problem without a place');
    }
    const parts = parseTemplate(bytes.toString('utf8'));
    for (const { written } of referencesIn(parts))
      if (!written.startsWith('${')) throw new Error('a reference that is none');
  },
};
