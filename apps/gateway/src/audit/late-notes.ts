import type { AuditEvent } from '@sekisho/audit';

/** Parts that are made before the record, and speak later. Nothing is lost in between: it waits. */
export function createLateNotes(): {
  /** Undefined is nothing to tell. */
  readonly note: (event: AuditEvent | undefined) => void;
  readonly attach: (target: (event: AuditEvent) => void) => void;
} {
  let target: ((event: AuditEvent) => void) | undefined;
  const waiting: AuditEvent[] = [];
  return {
    note(event) {
      if (event === undefined) return;
      if (target) target(event);
      else waiting.push(event);
    },
    attach(given) {
      target = given;
      for (const event of waiting.splice(0)) given(event);
    },
  };
}
