import { readFile } from 'node:fs/promises';

export type Page = {
  /** The block of that language with that word behind it. */
  readonly block: (language: string, word?: string) => string;
  /** Lines of shell blocks that begin with `sekisho`, without that word. */
  readonly commands: readonly string[];
};

/** A page of the cookbook. */
export async function readPage(name: string): Promise<Page> {
  const text = await readFile(new URL(`../../../../docs/cookbook/${name}.md`, import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^```(\w+)(?: (\w+))?\n([^]*?)^```$/gm)];
  return {
    block: (language, word) => {
      const found = blocks.find(([, of, behind]) => of === language && behind === word);
      if (found === undefined) throw new Error(`${name}.md has no block "${language} ${word ?? ''}"`);
      return found[3]!.trim();
    },
    commands: blocks
      .filter(([, language]) => language === 'sh')
      .flatMap(([, , , body]) => body!.split('\n').filter((line) => line.startsWith('sekisho ')))
      .map((line) => line.slice('sekisho '.length)),
  };
}
