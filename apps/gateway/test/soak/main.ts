import { parseArgs } from 'node:util';
import { growth, mebibytes, soak } from './soak.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } });
const figures = await soak({ minutes: Number(values.minutes), say: (line) => process.stdout.write(`${line}\n`) });
const { memory, failures, record, verified, ...counts } = figures;
process.stdout.write(
  `${JSON.stringify(
    {
      ...counts,
      failures,
      record: { ...record, odd: record.odd.slice(0, 10) },
      verified,
      heapGrowthMiB: mebibytes(growth(memory, 'heap')),
      residentGrowthMiB: mebibytes(growth(memory, 'resident')),
      lastMiB: { heap: mebibytes(memory.at(-1)?.heap ?? 0), resident: mebibytes(memory.at(-1)?.resident ?? 0) },
    },
    undefined,
    1,
  )}\n`,
);
if (failures.length > 0 || record.odd.length > 0 || record.ended !== figures.requests || verified.code !== 0)
  process.exitCode = 1;
