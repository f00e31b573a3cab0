import type { fileMemory } from '@sekisho/core';
import type { SecretSet } from './config/secret-set.ts';

type Memory = ReturnType<typeof fileMemory>;

/**
 * A memory in which no secret of the configuration is kept. A server that tells one in its own tools or instructions is not
 * remembered at all: clients get its words masked, but what lies on the disk would be as it came, and masked names would
 * call nothing. Such a server is asked anew at each start.
 */
export function secretFreeMemory(memory: Memory, secrets: () => SecretSet): Memory {
  return {
    ...memory,
    remember: (spec, remembered) => {
      const text = JSON.stringify(remembered);
      const tells = secrets()
        .exact()
        // Entries of lists are JSON texts themselves, so that a quote in a secret is escaped twice there.
        .some((secret) => [secret, inJson(secret), inJson(inJson(secret))].some((form) => text.includes(form)));
      if (tells) memory.forget(spec);
      else memory.remember(spec, remembered);
    },
  };
}

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
