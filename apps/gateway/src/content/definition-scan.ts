import type { Thing } from '@sekisho/core';
import { describeHidden, textsOf } from './hidden-characters.ts';

export interface HiddenText {
  readonly server: string;
  readonly kind: Thing['kind'];
  readonly name: string;
  /** What is hidden and where, in words. */
  readonly finding: string;
}

export function describeHiddenText({ server, kind, name, finding }: HiddenText): string {
  return `server "${server}": the ${kind} ${JSON.stringify(name).slice(0, 100)} has ${finding}. A model reads what you do not see: ask whoever wrote the server.`;
}

/** Looks for hidden characters in everything that servers say of their things. Each definition is looked at once, until it changes. */
export function createDefinitionScan(): (things: readonly Thing[]) => HiddenText[] {
  let known = new Map<string, string | undefined>();
  return (things) => {
    const next = new Map<string, string | undefined>();
    const hidden: HiddenText[] = [];
    for (const { server, kind, name, definition } of things) {
      const finding = known.has(definition) ? known.get(definition) : scan(definition);
      next.set(definition, finding);
      if (finding !== undefined) hidden.push({ server, kind, name, finding });
    }
    known = next;
    return hidden;
  };
}

function scan(definition: string): string | undefined {
  const value: unknown = JSON.parse(Buffer.from(definition, 'latin1').toString('utf8'));
  for (const { at, text } of textsOf(value)) {
    const found = describeHidden(text);
    if (found !== undefined) return `${found} in ${describeHidden(at) === undefined ? at : 'its members'}`;
  }
  return undefined;
}
