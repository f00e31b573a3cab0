import type { Family } from '../rule.ts';
import { bic } from './bic.ts';
import { card } from './card.ts';
import { bankAccounts, iban } from './iban.ts';
import { legacyWallet, prefixedWallet } from './wallet.ts';

export { hasIssuer } from './card.ts';
export { ibanLengths, isIban } from './iban.ts';
export { isBase58Check, isBech32 } from './wallet.ts';

/** Cards, IBANs, BICs, bank accounts by context, and wallets. */
export const payment: Family = [card, iban, bic, legacyWallet, prefixedWallet, ...bankAccounts];
