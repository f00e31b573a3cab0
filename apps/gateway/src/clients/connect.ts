import type { TomlTable } from 'smol-toml';
import { isProblem, parseDocument } from '../config/formats/document.ts';
import { setJsonServer, type Edited } from './edit-json.ts';
import { setTomlServer } from './edit-toml.ts';
import type { Client, Endpoint } from './registry.ts';
import { describeChange } from './text-diff.ts';

export type ConnectPlan =
  | {
      readonly kind: 'change';
      readonly file: string;
      readonly before: string | undefined;
      readonly after: string;
      readonly diff: readonly string[];
    }
  | { readonly kind: 'nothing'; readonly file: string }
  | { readonly kind: 'refused'; readonly file: string; readonly line?: number; readonly reason: string };

/** What connecting a client would change in its file. Nothing is written here. */
export function planConnect(
  client: Client,
  file: string,
  bytes: Uint8Array | undefined,
  endpoint: Endpoint,
  name = 'sekisho',
): ConnectPlan {
  const whole = bytes === undefined ? '' : decode(bytes);
  if (whole === undefined) return { kind: 'refused', file, reason: 'The file is not UTF-8 text.' };
  const mark = whole.startsWith('\uFEFF') ? '\uFEFF' : '';
  const text = whole.slice(mark.length);
  const entry = client.entry(endpoint);
  const edited: Edited =
    client.id === 'codex'
      ? setTomlServer(text, file, client.root, name, entry as TomlTable)
      : setJsonServer(text, file, client.root, name, entry);
  if (!edited.ok)
    return {
      kind: 'refused',
      file,
      reason: edited.reason,
      ...(edited.place === undefined ? {} : { line: edited.place.line }),
    };
  if (edited.text === text && bytes !== undefined) return { kind: 'nothing', file };
  const check = parseDocument(file, new TextEncoder().encode(edited.text));
  if (isProblem(check)) return { kind: 'refused', file, reason: `The change would break the file: ${check.message}` };
  return {
    kind: 'change',
    file,
    before: bytes === undefined ? undefined : whole,
    after: mark + edited.text,
    diff: describeChange(text, edited.text),
  };
}

/** The text with its byte order mark, which must come out again as it went in. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // The decoder's only failure is a malformed sequence, and the caller says so.
    return undefined;
  }
}
