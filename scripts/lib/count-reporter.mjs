// A vitest reporter that writes how many tests passed, failed and were skipped to the file that scripts/test.mjs names,
// and what went wrong outside of any test.
import { writeFileSync } from 'node:fs';

export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const file = process.env.SEKISHO_TEST_SUMMARY;
    if (file === undefined) return;
    const summary = { passed: 0, failed: 0, skipped: 0, problems: [] };
    for (const module of modules) count(module, summary);
    for (const error of unhandledErrors) summary.problems.push(`Unhandled error: ${firstLine(error)}`);
    writeFileSync(file, JSON.stringify(summary));
  }
}

function count(module, summary) {
  const before = summary.failed;
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === 'passed') summary.passed += 1;
    else if (state === 'failed') summary.failed += 1;
    else summary.skipped += 1;
  }
  for (const error of module.errors()) summary.problems.push(`${module.moduleId}: ${firstLine(error)}`);
  // A hook of a suite that throws fails the file, while its tests only count as skipped.
  if (module.state() === 'failed' && summary.failed === before && module.errors().length === 0) {
    summary.problems.push(`${module.moduleId}: a hook failed`);
  }
}

const firstLine = (error) => String(error.message ?? error).split('\n')[0];
