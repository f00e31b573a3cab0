/** A key or an index. */
export type PathStep = string | number;
