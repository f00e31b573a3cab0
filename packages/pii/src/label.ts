/** What a found piece of text is. The names are those of the labelled corpora, so that figures compare. */
export type Label =
  | 'EMAIL'
  | 'PHONE'
  | 'CREDIT_CARD'
  | 'IBAN'
  | 'BIC'
  | 'BANK_ACCOUNT'
  | 'CRYPTO_WALLET'
  | 'US_SSN'
  | 'NATIONAL_ID'
  | 'TAX_ID'
  | 'MEDICAL_ID'
  | 'PASSPORT'
  | 'DRIVER_LICENSE'
  | 'VEHICLE_ID'
  | 'DEVICE_ID'
  | 'OTHER_ID'
  | 'IP'
  | 'MAC'
  | 'PERSON'
  | 'ADDRESS'
  | 'LOCATION'
  | 'POSTAL_CODE'
  | 'DATE_OF_BIRTH'
  | 'SECRET'
  | 'URL_CREDENTIALS'
  | 'ORG'
  | 'CUSTOM';

interface LabelFacts {
  /** Order in which one label wins over another where two findings overlap; higher wins. */
  readonly risk: number;
  /** The name that Google's Sensitive Data Protection gives the same thing. */
  readonly infoType: string;
}

const facts: Readonly<Record<Label, LabelFacts>> = {
  SECRET: { risk: 100, infoType: 'AUTH_TOKEN' },
  URL_CREDENTIALS: { risk: 99, infoType: 'PASSWORD' },
  CREDIT_CARD: { risk: 90, infoType: 'CREDIT_CARD_NUMBER' },
  IBAN: { risk: 89, infoType: 'IBAN_CODE' },
  US_SSN: { risk: 88, infoType: 'US_SOCIAL_SECURITY_NUMBER' },
  CRYPTO_WALLET: { risk: 80, infoType: 'CRYPTO_WALLET' },
  NATIONAL_ID: { risk: 78, infoType: 'GOVERNMENT_ID' },
  TAX_ID: { risk: 77, infoType: 'TAX_ID' },
  MEDICAL_ID: { risk: 77, infoType: 'MEDICAL_ID' },
  PASSPORT: { risk: 76, infoType: 'PASSPORT' },
  DRIVER_LICENSE: { risk: 75, infoType: 'DRIVERS_LICENSE_NUMBER' },
  BANK_ACCOUNT: { risk: 75, infoType: 'FINANCIAL_ACCOUNT_NUMBER' },
  EMAIL: { risk: 72, infoType: 'EMAIL_ADDRESS' },
  PHONE: { risk: 70, infoType: 'PHONE_NUMBER' },
  IP: { risk: 66, infoType: 'IP_ADDRESS' },
  MAC: { risk: 65, infoType: 'MAC_ADDRESS' },
  VEHICLE_ID: { risk: 60, infoType: 'VEHICLE_IDENTIFICATION_NUMBER' },
  DEVICE_ID: { risk: 60, infoType: 'IMEI_HARDWARE_ID' },
  OTHER_ID: { risk: 55, infoType: 'GENERIC_ID' },
  BIC: { risk: 50, infoType: 'SWIFT_CODE' },
  DATE_OF_BIRTH: { risk: 48, infoType: 'DATE_OF_BIRTH' },
  PERSON: { risk: 45, infoType: 'PERSON_NAME' },
  ADDRESS: { risk: 44, infoType: 'STREET_ADDRESS' },
  POSTAL_CODE: { risk: 40, infoType: 'POSTAL_CODE' },
  LOCATION: { risk: 40, infoType: 'LOCATION' },
  ORG: { risk: 30, infoType: 'ORGANIZATION_NAME' },
  CUSTOM: { risk: 85, infoType: 'CUSTOM' },
};

/** Every label, riskiest first. */
export const labels: readonly Label[] = (Object.keys(facts) as Label[]).sort((a, b) => facts[b].risk - facts[a].risk);

/** Where two findings overlap, the one whose label has the higher risk names the masked span. */
export const riskOf = (label: Label): number => facts[label].risk;

/** The corresponding infoType name of Google's Sensitive Data Protection, for those who map policies. */
export const infoTypeOf = (label: Label): string => facts[label].infoType;

/** True for a name of a label; useful where policies come from data. */
export const isLabel = (name: string): name is Label => Object.hasOwn(facts, name);
