import { createPolicy, findUnknownServers, isPolicyError } from '@sekisho/policy';
import type { PolicySection } from '../mount/policy-section.ts';
import type { GatheredFile } from './gather.ts';
import { configError, configWarning, type ConfigProblem, type Place } from './problem.ts';
import type { RootSettings } from './settings-schema.ts';

/** What can be said of a policy before anybody calls: what cannot work is an error, what can never match is a warning. */
export function checkPolicy(
  settings: RootSettings,
  files: readonly GatheredFile[],
  servers: readonly string[],
): ConfigProblem[] {
  const { policy } = settings;
  const place = placesIn(files);
  if (policy === undefined) return 'auth' in settings ? [nobodyAllowed(place([]))] : [];
  const { annotations, ...document } = policy;
  const at = (ruleId: string): Place => {
    const index = document.rules.findIndex(({ id }) => id === ruleId);
    return place(index < 0 ? [] : ['rules', String(index)]);
  };
  const unpinned = annotations === undefined ? findUnpinned(policy, at) : [];
  try {
    const { problems } = createPolicy({ document });
    const found = [...problems, ...findUnknownServers(document, servers)];
    return [
      ...unpinned,
      ...found.map(({ ruleId, severity, message }) =>
        configWarning(
          'WARN_CONFIG_POLICY',
          at(ruleId),
          `the rule "${ruleId}" ${severity === 'never' ? 'can never match' : 'is probably not what you mean'}: ${message}.`,
        ),
      ),
    ];
  } catch (thrown) {
    if (!isPolicyError(thrown)) throw thrown;
    return [
      ...unpinned,
      configError('ERR_CONFIG_SETTING', at(thrown.subject), `"policy" is not valid: ${thrown.message}.`),
    ];
  }
}

function findUnpinned({ rules }: PolicySection, at: (ruleId: string) => Place): ConfigProblem[] {
  return rules
    .filter((rule) => rule.annotations !== undefined)
    .map(({ id }) =>
      configError(
        'ERR_CONFIG_SETTING',
        at(id),
        `the rule "${id}" asks for annotations, and nobody vouches for any: what a server says of its own tools is not believed.`,
        'Say under "policy.annotations" what you vouch for: {"<server>": {"<tool>": {"readOnlyHint": true}}}. Or name the tools.',
      ),
    );
}

function nobodyAllowed(place: Place): ConfigProblem {
  const rule = '{"id": "all", "effect": "allow", "roles": ["admin"]}';
  return configWarning(
    'WARN_CONFIG_POLICY',
    place,
    'callers have to sign in, and no policy says what they may use: everything is denied.',
    `Allow all to the role "admin", which the first key has: "policy": {"roles": {"admin": {}}, "rules": [${rule}]} in "x-sekisho".`,
  );
}

/** Where something of the policy stands: in the first file that has one, which is the one that counts. */
function placesIn(files: readonly GatheredFile[]): (path: readonly string[]) => Place {
  const root = ['x-sekisho', 'policy'];
  const file = files.find(({ document }) => {
    const written = document.value['x-sekisho'];
    return typeof written === 'object' && written !== null && 'policy' in written;
  });
  const { document } = file ?? files[0]!;
  return (path) => document.place(file === undefined ? ['x-sekisho'] : [...root, ...path]);
}
