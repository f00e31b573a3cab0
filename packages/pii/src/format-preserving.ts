export { createFf1 } from './mask/ff1.ts';
export type { Ff1 } from './mask/ff1.ts';
