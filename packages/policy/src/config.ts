import { z } from 'zod';

const texts = z.array(z.string());

export const roleSchema = z.strictObject({
  groups: texts.exactOptional(),
  scopes: texts.exactOptional(),
  claims: z.record(z.string(), texts).exactOptional().describe('By name of the claim: one of these values'),
  keys: texts.exactOptional().describe('Ids of API keys'),
  principals: texts.exactOptional(),
  clients: texts.exactOptional(),
  kinds: texts.exactOptional(),
  tenants: texts.exactOptional(),
});

export const policyRuleSchema = z.strictObject({
  id: z.string().min(1),
  effect: z.enum(['allow', 'deny']),
  roles: texts.describe('One of these; * is every principal'),
  servers: texts.exactOptional(),
  methods: texts.exactOptional(),
  tools: texts.exactOptional(),
  prompts: texts.exactOptional(),
  resources: texts.exactOptional().describe('Patterns of URIs: * within a segment, ** beyond'),
  annotations: z
    .strictObject({
      readOnlyHint: z.boolean().exactOptional(),
      destructiveHint: z.boolean().exactOptional(),
      idempotentHint: z.boolean().exactOptional(),
      openWorldHint: z.boolean().exactOptional(),
    })
    .exactOptional()
    .describe('As pinned by the operator'),
  scopes: texts.exactOptional().describe('All of these besides; who lacks them is told which'),
  when: z.string().exactOptional().describe('A condition in CEL'),
  mode: z.enum(['enforce', 'shadow']).exactOptional(),
});

export const policySchema = z.strictObject({
  roles: z.record(z.string(), roleSchema),
  rules: z.array(policyRuleSchema),
});

const target = z.strictObject({
  server: z.string().exactOptional(),
  method: z.string(),
  tool: z.string().exactOptional(),
  prompt: z.string().exactOptional(),
  resource: z.string().exactOptional(),
  annotations: policyRuleSchema.shape.annotations,
});

const principal = z.strictObject({
  key: z.string(),
  kind: z.string().exactOptional(),
  clientId: z.string().exactOptional(),
  tenant: z.string().exactOptional(),
  scopes: texts.exactOptional(),
  groups: texts.exactOptional(),
  roles: texts.exactOptional(),
  keyId: z.string().exactOptional(),
  authTime: z.number().exactOptional(),
  claims: z.record(z.string(), z.unknown()).exactOptional(),
});

/** A table of expected decisions, as `sekisho policy test` reads it. */
export const policyCasesSchema = z.array(
  z.strictObject({
    name: z.string(),
    principal,
    target,
    arguments: z.record(z.string(), z.unknown()).exactOptional(),
    address: z.string().exactOptional(),
    expect: z.enum(['allow', 'deny', 'hidden', 'forbidden', 'scope']),
    ruleId: z.string().exactOptional(),
  }),
);

export type PolicyConfig = z.infer<typeof policySchema>;
export type PolicyCasesConfig = z.infer<typeof policyCasesSchema>;
