/** 300 runs that end with kill -9 under load. Prints the result as JSON; exit code 1 when anything was lost or a false alarm raised. */
import { crashRuns } from './crash-runs.ts';

const kills = Number(process.argv[2] ?? 300);
const report = await crashRuns(kills, Math.random, {
  verifyEach: 10,
  onRun: (run) => {
    if (run % 25 === 0) process.stderr.write(`${run} of ${kills}\n`);
  },
});
process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
process.exitCode =
  report.lost + report.falseAlarms + report.falseAlarmsBeforeRepair + report.wrongTerminals > 0 ? 1 : 0;
