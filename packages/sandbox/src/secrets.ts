import { SandboxError } from './errors.ts';

/** Finds the value of a secret by its name. */
export type SecretSource = (name: string) => string | undefined | Promise<string | undefined>;

export async function openSecret(variable: string, name: string, secrets: SecretSource): Promise<string> {
  let value: string | undefined;
  try {
    value = await secrets(name);
  } catch (cause) {
    throw new SandboxError(
      'ERR_SANDBOX_SECRET_UNAVAILABLE',
      `The secret "${name}" for ${variable} could not be opened.`,
      { cause },
    );
  }
  if (value === undefined || value === '' || value.includes('\0'))
    throw new SandboxError('ERR_SANDBOX_SECRET_UNAVAILABLE', `There is no usable secret "${name}" for ${variable}.`, {
      remedy: 'store it under this name.',
    });
  return value;
}
