/** Where something stands in a file. Lines and columns count from 1, as editors show them. */
export type Place = { readonly file: string; readonly line: number; readonly column: number };

export type ConfigProblemCode =
  /** The file could not be read. */
  | 'ERR_CONFIG_UNREADABLE'
  /** The file is not well-formed JSON, JSONC, JSON5 or TOML. */
  | 'ERR_CONFIG_SYNTAX'
  /** The file is well-formed but holds no list of servers that we know. */
  | 'ERR_CONFIG_SHAPE'
  /** Others can change the file, or read the secrets in it. */
  | 'ERR_CONFIG_PERMISSIONS'
  /** A server's entry is contradictory or of the wrong type. */
  | 'ERR_CONFIG_SERVER'
  /** One name stands for two servers. */
  | 'ERR_CONFIG_CONFLICT'
  /** A part of `x-sekisho` is unknown, misspelt, out of range or not in this version. */
  | 'ERR_CONFIG_SETTING'
  /** A `${...}` names something that is not there, or that may not be read. */
  | 'ERR_CONFIG_REFERENCE'
  /** The client's own list of forbidden servers names this one. */
  | 'ERR_CONFIG_DENIED'
  | 'WARN_CONFIG_UNKNOWN_KEY'
  | 'WARN_CONFIG_NOT_APPLIED'
  | 'WARN_CONFIG_LITERAL'
  | 'WARN_CONFIG_RESTART'
  /** A rule of the policy can never match, or is probably not meant so; or nobody may use anything. */
  | 'WARN_CONFIG_POLICY'
  /** The file lies where rights are not kept, so nothing tells who may change it. */
  | 'WARN_CONFIG_UNPROTECTED';

/**
 * Something that the operator should know about a configuration. An error with a `server` stops that server alone; one
 * without stops the whole file. The text never holds a value that came out of an expansion.
 */
export type ConfigProblem = {
  readonly severity: 'error' | 'warning';
  readonly code: ConfigProblemCode;
  readonly message: string;
  readonly place: Place;
  readonly server?: string;
  readonly remedy?: string;
};

export function isFatal(problem: ConfigProblem): boolean {
  return problem.severity === 'error' && problem.server === undefined;
}

export function configError(code: ConfigProblemCode, place: Place, message: string, remedy?: string): ConfigProblem {
  return { severity: 'error', code, place, message, ...(remedy === undefined ? {} : { remedy }) };
}

export function configWarning(code: ConfigProblemCode, place: Place, message: string, remedy?: string): ConfigProblem {
  return { severity: 'warning', code, place, message, ...(remedy === undefined ? {} : { remedy }) };
}

/** `file:line:column`, the form that terminals and editors turn into a link. */
export function describePlace(place: Place): string {
  return `${place.file}:${place.line}:${place.column}`;
}

export function describeProblem(problem: ConfigProblem): string {
  const subject = problem.server === undefined ? '' : `server "${problem.server}": `;
  const remedy = problem.remedy === undefined ? '' : ` ${problem.remedy}`;
  return `${describePlace(problem.place)} ${problem.severity}: ${subject}${problem.message}${remedy}`;
}
