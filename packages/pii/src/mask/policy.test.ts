import { describe, expect, it } from 'vitest';
import { compilePolicy } from './policy.ts';

describe('compilePolicy', () => {
  const policy = compilePolicy({
    rules: [
      { path: '$.public..*', action: 'allow' },
      { labels: ['SECRET'], direction: 'to-tool', action: 'block' },
      { labels: ['EMAIL'], direction: ['to-model', 'audit'], server: 'crm-*', action: 'tokenize' },
      { tool: 'send_mail', action: 'partial' },
    ],
    otherwise: 'hash',
    restore: [{ labels: ['EMAIL'], server: 'mail', tool: 'send*' }],
  });

  it('takes the first rule that applies', () => {
    expect(policy.action('EMAIL', { direction: 'to-model', server: 'crm-eu' }, undefined)).toBe('tokenize');
    expect(policy.action('EMAIL', { direction: 'to-model', server: 'other' }, undefined)).toBe('hash');
    expect(policy.action('EMAIL', { direction: 'to-model' }, undefined)).toBe('hash');
    expect(policy.action('SECRET', { direction: 'to-tool' }, ['public', 'x'])).toBe('allow');
    expect(policy.action('SECRET', { direction: 'to-tool' }, undefined)).toBe('block');
    expect(policy.action('PHONE', { direction: 'log', tool: 'send_mail' }, undefined)).toBe('partial');
  });

  it('restores only toward a tool, only the labels and servers named', () => {
    expect(policy.mayRestore('EMAIL', { direction: 'to-tool', server: 'mail', tool: 'send_now' })).toBe(true);
    expect(policy.mayRestore('EMAIL', { direction: 'to-model', server: 'mail', tool: 'send_now' })).toBe(false);
    expect(policy.mayRestore('EMAIL', { direction: 'to-tool', server: 'mail', tool: 'read' })).toBe(false);
    expect(policy.mayRestore('EMAIL', { direction: 'to-tool', server: 'mailer', tool: 'send' })).toBe(false);
    expect(policy.mayRestore('PHONE', { direction: 'to-tool', server: 'mail', tool: 'send' })).toBe(false);
    expect(compilePolicy().mayRestore('EMAIL', { direction: 'to-tool', server: 'mail' })).toBe(false);
  });

  it('takes everything but the star for itself', () => {
    const literal = compilePolicy({ rules: [{ server: 'a.b+c', action: 'allow' }] });
    expect(literal.action('EMAIL', { direction: 'log', server: 'a.b+c' }, undefined)).toBe('allow');
    expect(literal.action('EMAIL', { direction: 'log', server: 'aXbbc' }, undefined)).toBe('redact');
  });

  it('refuses labels that do not exist', () => {
    expect(() => compilePolicy({ rules: [{ labels: ['NOPE' as 'EMAIL'], action: 'allow' }] })).toThrow(TypeError);
  });
});
