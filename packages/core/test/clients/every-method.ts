import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { World } from '../fixtures/servers/conformance/world.ts';
import type { Peer } from './peer.ts';

export interface Scene {
  readonly peer: Peer;
  /** What the fixture behind it remembers; undefined when it runs in another process. */
  readonly world: World | undefined;
  /** Ends everything that the scene started, the peer included. */
  close(): Promise<void>;
}

/** Generous, because the machine may be busy; a wait ends as soon as it is satisfied. */
const PATIENCE = { timeout: 15_000, interval: 10 };

/**
 * Every method of the protocol, asked by one client of whatever stands between it and the conformance fixture. Names
 * and URIs are looked up in the lists first, so the same tests hold with and without rewriting.
 */
export function describeEveryMethod(title: string, open: () => Promise<Scene>): void {
  describe(title, () => {
    let scene: Scene;
    let peer: Peer;
    const names = new Map<string, string>();
    const named = (original: string): string => names.get(original) ?? original;

    /** Finds what the gateway may have renamed by its last part. */
    const find = <Item extends { name: string }>(items: readonly Item[], original: string): Item => {
      const found = items.find(({ name }) => name === original || name.endsWith(`__${original}`));
      if (found === undefined) throw new Error(`${original} is missing in ${items.map(({ name }) => name).join(', ')}`);
      return found;
    };
    const resourceUri = async (name: string): Promise<string> => find(await peer.listResources(), name).uri;

    beforeAll(async () => {
      scene = await open();
      peer = scene.peer;
      for (const { name } of await peer.listTools()) names.set(name.replace(/^.*?__/, ''), name);
    });
    afterAll(() => scene.close());

    test('tools/list holds every tool once, in an order that stays', async () => {
      const tools = (await peer.listTools()).map(({ name }) => name);
      expect(tools.length).toBeGreaterThan(25);
      expect(new Set(tools).size).toBe(tools.length);
      expect((await peer.listTools()).map(({ name }) => name)).toEqual(tools);
    });

    test('tools/call answers with every kind of content', async () => {
      expect((await peer.callTool(named('test_simple_text'))).content).toEqual([
        { type: 'text', text: 'This is a simple text response for testing.' },
      ]);
      const mixed = (await peer.callTool(named('test_multiple_content_types'))).content;
      expect(mixed.map(({ type }) => type)).toEqual(['text', 'image', 'resource']);
      expect((await peer.callTool(named('test_audio_content'))).content[0]?.mimeType).toBe('audio/wav');
      expect((await peer.callTool(named('test_structured'), { left: 40, right: 2 })).structuredContent).toEqual({
        sum: 42,
      });
    });

    test('a linked and an embedded resource have URIs that can be read', async () => {
      const link = (await peer.callTool(named('test_resource_link'))).content[0];
      expect((await peer.readResource(link?.uri ?? '')).contents[0]?.text).toBe(
        'This is the content of the static text resource.',
      );
      const embedded = (await peer.callTool(named('test_embedded_resource'))).content[0]?.resource;
      expect(embedded?.text).toBe('This is an embedded resource content.');
    });

    test('a failing tool is a result, an unknown tool and bad arguments are not a hang', async () => {
      expect((await peer.callTool(named('test_error_handling'))).isError).toBe(true);
      await expect(peer.callTool('no_such_tool')).rejects.toMatchObject({ code: -32602 });
      const bad = await peer.callTool(named('test_structured'), { left: 'x' }).then(
        ({ isError }) => isError === true,
        () => true,
      );
      expect(bad).toBe(true);
    });

    test('prompts/list and prompts/get', async () => {
      const prompts = await peer.listPrompts();
      const simple = await peer.getPrompt(find(prompts, 'test_simple_prompt').name);
      expect(simple.messages[0]?.content.text).toBe('This is a simple prompt for testing.');
      const filled = await peer.getPrompt(find(prompts, 'test_prompt_with_arguments').name, { arg1: 'a', arg2: 'b' });
      expect(filled.messages[0]?.content.text).toBe("Prompt with arguments: arg1='a', arg2='b'");
      await expect(peer.getPrompt('no_such_prompt')).rejects.toMatchObject({ code: -32602 });
    });

    test('resources/list, templates/list and resources/read', async () => {
      const uri = await resourceUri('static-text');
      const [text] = (await peer.readResource(uri)).contents;
      expect(text).toMatchObject({ uri, text: 'This is the content of the static text resource.' });
      expect((await peer.readResource(await resourceUri('static-binary'))).contents[0]?.blob).toMatch(/^iVBOR/);
      const template = find(await peer.listTemplates(), 'template').uriTemplate;
      const expanded = template.replace('{id}', '42');
      const [data] = (await peer.readResource(expanded)).contents;
      expect(data?.uri).toBe(expanded);
      expect(JSON.parse(data?.text ?? '')).toMatchObject({ id: '42' });
      await expect(peer.readResource('test://nowhere')).rejects.toMatchObject({
        code: expect.toSatisfy((code: number) => code === -32602 || code === -32002),
      });
    });

    test('completion/complete for a prompt and for a template, with what else is filled in', async () => {
      const { name } = find(await peer.listPrompts(), 'test_prompt_with_arguments');
      const argument = { name: 'arg1', value: 'par' };
      expect(await peer.complete({ type: 'ref/prompt', name }, argument)).toEqual(['paris', 'park', 'party']);
      const uri = find(await peer.listTemplates(), 'template').uriTemplate;
      const values = await peer.complete({ type: 'ref/resource', uri }, { name: 'id', value: 'lis' }, { arg1: 'x' });
      expect(values).toEqual(['lisbon', 'after-x']);
    });

    test('progress reaches the caller, in order', async () => {
      const seen: number[] = [];
      const call = peer.callTool(named('test_progress_gate'), {}, { onProgress: (progress) => seen.push(progress) });
      // The SDKs drop a notification that they read together with the result, so the result waits for us.
      await vi.waitFor(() => expect(seen).toEqual([1, 2, 3]), PATIENCE);
      await peer.callTool(named('test_open_gate'));
      expect((await call).content[0]?.text).toBe('The gate is open');
    });

    test('log messages reach whoever asked for that level, and nobody else', async () => {
      const logs = () => peer.notifications.filter(({ method }) => method === 'notifications/message');
      await peer.setLogLevel('error');
      await peer.callTool(named('test_tool_with_logging'));
      expect(logs()).toEqual([]);
      await peer.setLogLevel('info');
      await peer.callTool(named('test_tool_with_logging'));
      await vi.waitFor(
        () =>
          expect(logs().map(({ params }) => params['data'])).toEqual([
            'Tool execution started',
            'Tool processing data',
            'Tool execution completed',
          ]),
        PATIENCE,
      );
    });

    test('a cancelled call rejects at once and stops upstream', async () => {
      const controller = new AbortController();
      const call = peer.callTool(named('test_wait'), {}, { signal: controller.signal });
      const outcome = call.then(
        () => 'answered',
        () => 'rejected',
      );
      if (scene.world !== undefined) await vi.waitFor(() => expect(scene.world?.waiting).toBe(1), PATIENCE);
      controller.abort('enough');
      expect(await outcome).toBe('rejected');
      if (scene.world !== undefined) await vi.waitFor(() => expect(scene.world?.waiting).toBe(0), PATIENCE);
      expect((await peer.callTool(named('test_simple_text'))).content).toHaveLength(1);
    });

    test('list_changed is told, and the list is another one then', async () => {
      const stop = await peer.listen({ toolsListChanged: true, promptsListChanged: true });
      const before = (await peer.listTools()).length;
      await peer.callTool(named('test_trigger_tool_change'));
      const heard = (kind: string) =>
        peer.notifications.some(({ method }) => method === `notifications/${kind}/list_changed`);
      await vi.waitFor(() => expect(heard('tools')).toBe(true), PATIENCE);
      // The notification may overtake what the gateway knows of the upstream by a moment, never the other way round.
      await vi.waitFor(async () => expect((await peer.listTools()).length).not.toBe(before), PATIENCE);
      await peer.callTool(named('test_trigger_prompt_change'));
      await vi.waitFor(() => expect(heard('prompts')).toBe(true), PATIENCE);
      await peer.callTool(named('test_trigger_tool_change'));
      await peer.callTool(named('test_trigger_prompt_change'));
      await vi.waitFor(async () => expect((await peer.listTools()).length).toBe(before), PATIENCE);
      await stop();
    });

    test('a subscribed resource tells of its changes under the URI that was subscribed', async () => {
      const uri = await resourceUri('watched-resource');
      const stop = await peer.listen({ resourceSubscriptions: [uri] });
      const updates = () =>
        peer.notifications
          .filter(({ method }) => method === 'notifications/resources/updated')
          .map(({ params }) => params['uri']);
      await peer.callTool(named('test_trigger_resource_update'), { uri: 'test://static-text' });
      await peer.callTool(named('test_trigger_resource_update'));
      await vi.waitFor(() => expect(updates()).toEqual([uri]), PATIENCE);
      await stop();
    });

    test('the other side answers that it is there', async () => {
      await expect(peer.probe()).resolves.toBeUndefined();
    });

    test('fifty calls at once get each its own answer', async () => {
      const sums = await Promise.all(
        Array.from({ length: 50 }, async (_, left) => {
          const { structuredContent } = await peer.callTool(named('test_structured'), { left, right: 1000 });
          return (structuredContent as { sum: number }).sum;
        }),
      );
      expect(sums).toEqual(Array.from({ length: 50 }, (_, left) => 1000 + left));
    });
  });
}
