import { describe, expect, it } from 'vitest';
import type { Finding } from './finding.ts';
import { mergeFindings } from './finding.ts';

const one = (start: number, end: number, label: Finding['label'], score = 0.9): Finding => ({
  start,
  end,
  label,
  score,
  rule: 'test',
});

describe('mergeFindings', () => {
  it('keeps findings apart that only touch', () => {
    expect(mergeFindings([one(0, 5, 'EMAIL'), one(5, 9, 'PHONE')])).toHaveLength(2);
  });

  it('names the union after the riskier label and leaves no fragment', () => {
    expect(mergeFindings([one(0, 10, 'EMAIL'), one(4, 20, 'SECRET')])).toEqual([{ ...one(4, 20, 'SECRET'), start: 0 }]);
    expect(mergeFindings([one(0, 20, 'URL_CREDENTIALS'), one(5, 12, 'EMAIL')])).toEqual([
      one(0, 20, 'URL_CREDENTIALS'),
    ]);
  });

  it('lets a much surer finding win over a riskier guess', () => {
    expect(mergeFindings([one(0, 9, 'US_SSN', 0.5), one(0, 9, 'TAX_ID', 0.95)])[0]?.label).toBe('TAX_ID');
  });

  it('ends a chain of overlaps at its limit without leaving a gap', () => {
    const chain = Array.from({ length: 100 }, (_, index) => one(index * 90, index * 90 + 100, 'SECRET'));
    const merged = mergeFindings(chain);
    expect(merged.length).toBeGreaterThan(1);
    for (const [index, next] of merged.entries()) if (index > 0) expect(next.start).toBe(merged[index - 1]!.end);
    expect(merged.at(-1)!.end).toBe(chain.at(-1)!.end);
  });
});
