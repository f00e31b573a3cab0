export { storeContract, type ContractCase, type StoreHarness } from './store-contract.ts';
