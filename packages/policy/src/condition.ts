/** What a condition may look at. */
export interface Bindings {
  readonly principal: Readonly<Record<string, unknown>>;
  readonly target: Readonly<Record<string, unknown>>;
  readonly args: Readonly<Record<string, unknown>>;
  readonly now: Date;
  readonly address: string;
}

export interface Condition {
  /** Names out of {@link Bindings} that the condition mentions. */
  readonly variables: ReadonlySet<string>;
  /**
   * Whether it holds.
   *
   * @throws whatever went wrong, also when the result is no boolean. A condition that fails is a denial.
   */
  test(bindings: Bindings): boolean;
}

/** The port behind which the expression language stays: its major versions change often. */
export interface ConditionEngine {
  /** @throws an error that says what is wrong when the source is no condition. */
  compile(source: string): Condition;
}
