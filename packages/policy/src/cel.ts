import { Environment, type ASTNode } from '@marcbachmann/cel-js';
import type { Bindings, Condition, ConditionEngine } from './condition.ts';
import { globMatcher } from './glob.ts';
import { inNetwork } from './network.ts';
import { pathWithin } from './path-within.ts';

/**
 * Conditions in CEL (cel.dev), type-checked when they are compiled: a misspelt variable is found at the start.
 *
 * Variables: `principal`, `target`, `args` (maps), `now` (timestamp), `address` (string). Besides CEL's own functions:
 * `inNetwork(address, '10.0.0.0/8')`, `glob(text, 'a*')`, `pathWithin(path, '/data')`.
 *
 * Not available: `matches`, because patterns run in a backtracking engine on text that callers choose. Numbers out of JSON
 * are doubles in CEL: `args.n > 4` works, `args.n + 1` needs `args.n + 1.0`.
 */
export function celEngine(): ConditionEngine {
  const environment = new Environment({
    unlistedVariablesAreDyn: false,
    limits: { maxAstNodes: 2000, maxDepth: 50, maxListElements: 1000, maxMapEntries: 100, maxCallArguments: 16 },
  })
    .registerVariable('principal', 'map')
    .registerVariable('target', 'map')
    .registerVariable('args', 'map')
    .registerVariable('now', 'google.protobuf.Timestamp')
    .registerVariable('address', 'string')
    .registerFunction('inNetwork(string, string): bool', (address: string, network: string) =>
      inNetwork(address, network),
    )
    .registerFunction('glob(string, string): bool', (text: string, pattern: string) => globMatcher(pattern)(text))
    .registerFunction('pathWithin(string, string): bool', (path: string, base: string) => pathWithin(path, base));

  return {
    compile: (source): Condition => {
      const expression = environment.parse(source);
      const checked = expression.check();
      if (!checked.valid) throw checked.error;
      // `dyn` is what comes out of a map; whether it is a boolean is seen when it is used.
      if (checked.type !== 'bool' && checked.type !== 'dyn')
        throw new TypeError(`is a ${checked.type}, not a condition`);
      const variables = new Set<string>();
      visit(expression.ast, (node) => {
        if (node.op === 'id') variables.add(node.args);
        if ((node.op === 'rcall' || node.op === 'call') && node.args[0] === 'matches') {
          throw new TypeError('`matches` is not available, use glob(text, pattern)');
        }
      });
      return {
        variables,
        test: (bindings: Bindings) => {
          const result: unknown = expression({ ...bindings });
          if (typeof result !== 'boolean')
            throw new TypeError(`the condition came out as ${typeof result}, not as a boolean`);
          return result;
        },
      };
    },
  };
}

function visit(node: ASTNode, see: (node: ASTNode) => void): void {
  see(node);
  const walk = (part: unknown): void => {
    if (Array.isArray(part)) part.forEach(walk);
    else if (typeof part === 'object' && part !== null && 'op' in part) visit(part as ASTNode, see);
  };
  walk(node.args);
}
