import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { inspect } from './inspector.ts';

/** What the Inspector's command line can ask, in one era. */
export function describeInspector(
  title: string,
  era: 'legacy' | 'modern',
  open: () => Promise<{ readonly url: string; close(): Promise<void> }>,
): void {
  describe.concurrent(title, () => {
    let scene: Awaited<ReturnType<typeof open>>;
    let home: string;
    const ask = (...args: string[]) => inspect(scene.url, home, '--protocol-era', era, ...args);
    const nameOf = async (method: string, list: string, original: string, key = 'name'): Promise<string> => {
      const answer = (await ask('--method', method)) as Record<string, Record<string, string>[]>;
      const found = answer[list]?.find(({ name = '' }) => name === original || name.endsWith(`__${original}`));
      return found?.[key] ?? `${original} is missing`;
    };

    beforeAll(async () => {
      home = await mkdtemp(join(tmpdir(), 'sekisho-inspector-'));
      scene = await open();
    });
    afterAll(async () => {
      await scene.close();
      await rm(home, { recursive: true, force: true });
    });

    test('tools/list and tools/call', { timeout: 60_000 }, async ({ expect }) => {
      const tool = await nameOf('tools/list', 'tools', 'test_structured');
      const answer = await ask(
        '--method',
        'tools/call',
        '--tool-name',
        tool,
        '--tool-args-json',
        '{"left":1,"right":2}',
      );
      expect(answer).toMatchObject({ structuredContent: { sum: 3 } });
    });

    test('prompts/list and prompts/get', { timeout: 60_000 }, async ({ expect }) => {
      const prompt = await nameOf('prompts/list', 'prompts', 'test_prompt_with_arguments');
      const answer = await ask('--method', 'prompts/get', '--prompt-name', prompt, '--prompt-args', 'arg1=a', 'arg2=b');
      expect(JSON.stringify(answer)).toContain("arg1='a', arg2='b'");
    });

    test('resources/list and resources/read', { timeout: 60_000 }, async ({ expect }) => {
      const uri = await nameOf('resources/list', 'resources', 'static-text', 'uri');
      expect(JSON.stringify(await ask('--method', 'resources/read', '--uri', uri))).toContain('static text resource');
    });

    test('resources/templates/list', { timeout: 60_000 }, async ({ expect }) => {
      const template = await nameOf('resources/templates/list', 'resourceTemplates', 'template', 'uriTemplate');
      expect(template).toContain('{id}');
    });

    if (era === 'modern') return;
    test('logging/setLevel', { timeout: 60_000 }, async ({ expect }) => {
      await expect(ask('--method', 'logging/setLevel', '--log-level', 'debug')).resolves.toBeDefined();
    });
  });
}
