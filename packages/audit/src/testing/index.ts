export { faultyFileSystem } from './faulty-file-system.ts';
export type { Fault, FaultyFileSystem, FaultyOperation } from './faulty-file-system.ts';
export { outgoingRecord, sinkContract } from './sink-contract.ts';
export type { ContractCase, SinkSubject } from './sink-contract.ts';
