import type { Label } from './label.ts';
import type { Decider, Where } from './mask/policy.ts';
import { JsonReader } from './json/tokens.ts';
import { unescapeJson } from './json/unescape.ts';
import { formatPath } from './path.ts';
import type { PathStep } from './path.ts';
import type { TokenPlace, TokenVault } from './tokens/vault.ts';

/** What became of one token. It never holds the value. */
export interface RestoreEvent {
  /** `refused`: the token is good, but this server may not have the value. */
  readonly outcome: 'restored' | 'refused' | 'expired' | 'foreign-or-tampered' | 'malformed';
  readonly label: Label | undefined;
  readonly path?: string;
}

/** A text in which tokens became values again, where that was allowed. */
export interface Restored {
  readonly text: string;
  readonly events: readonly RestoreEvent[];
}

function outcomeOf(place: TokenPlace, where: Where, policy: Decider): RestoreEvent['outcome'] {
  if (!place.opened.ok) return place.opened.reason;
  return policy.mayRestore(place.opened.label, where) ? 'restored' : 'refused';
}

/** Restores tokens in running text. A token that may not be restored stays as it is and is reported. */
export function restoreText(
  text: string,
  where: Where,
  policy: Decider,
  vault: TokenVault | undefined,
  path?: readonly PathStep[],
): Restored {
  if (vault === undefined) return { text, events: [] };
  const events: RestoreEvent[] = [];
  let out = '';
  let at = 0;
  for (const place of vault.find(text, { tenant: where.tenant ?? '', principal: where.principal ?? '' })) {
    if (place.start < at) continue;
    const outcome = outcomeOf(place, where, policy);
    events.push({ outcome, label: place.label, ...(path === undefined ? {} : { path: formatPath(path) }) });
    if (outcome !== 'restored' || !place.opened.ok) continue;
    out += text.slice(at, place.start) + place.opened.value;
    at = place.end;
  }
  return { text: at === 0 ? text : out + text.slice(at), events };
}

/** Restores tokens in the strings, keys and numbers of JSON text; a number becomes a number again. */
export function restoreJson(json: string, where: Where, policy: Decider, vault: TokenVault | undefined): Restored {
  if (vault === undefined) return { text: json, events: [] };
  const events: RestoreEvent[] = [];
  const path: PathStep[] = [];
  let out = '';
  let at = 0;
  const edit = (start: number, end: number, plain: string, write: (text: string) => string): void => {
    const restored = restoreText(plain, where, policy, vault, path);
    events.push(...restored.events);
    if (restored.text === plain) return;
    out += json.slice(at, start) + write(restored.text);
    at = end;
  };
  const reader = new JsonReader();
  const stop = reader.read(json, 0, true, {
    enter: (isArray) => void path.push(isArray ? -1 : ''),
    leave: () => void path.pop(),
    element() {
      const step = path.at(-1);
      if (typeof step === 'number') path[path.length - 1] = step + 1;
    },
    number: (start, end) => {
      if (end - start >= 6)
        edit(start, end, json.slice(start, end), (text) =>
          /^-?\d+$/u.test(text) && !/^-?0\d/u.test(text) ? text : JSON.stringify(text),
        );
    },
    text(start, end, escaped, isKey) {
      const raw = json.slice(start, end);
      const plain = escaped ? unescapeJson(raw).text : raw;
      if (isKey) path[path.length - 1] = plain;
      edit(start, end, plain, (text) => JSON.stringify(text).slice(1, -1));
    },
  });
  if (reader.failed || stop < json.length) return restoreText(json, where, policy, vault);
  return { text: at === 0 ? json : out + json.slice(at), events };
}
