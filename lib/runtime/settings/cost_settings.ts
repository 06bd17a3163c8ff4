import { allowedUrl, matching, type Parse, type SettingTable, wholeFrom1 } from "./setting.ts";

/** What gas is worth in money, and when spending and sending are told: what each text becomes. */
export interface CostSettings {
  /** One unit of the chain's currency in money, above 0. */
  price: number;
  /** ISO 4217. */
  priceCurrency: string;
  /** Answers with JSON that holds the price; HTTPS, loopback excepted. May hold an API key. */
  priceUrl: string;
  /** Where in that JSON the price is: names joined by dots. */
  pricePath: string;
  /** Money a day, above 0: more is told. */
  dailyCostAlert: number;
  /** Money a month, above 0: a projection above it is told. */
  monthlyCostAlert: number;
  /** Transactions in 24 hours, from 1: more are told. */
  dailyVolumeAlert: number;
}

const amount: Parse<number> = (text) => {
  const value = /^[0-9]{1,12}(?:\.[0-9]{1,12})?$/.test(text) ? Number(text) : 0;
  return value > 0 ? value : undefined;
};

/** What gas is worth in money, and when spending and sending are told. */
export const COST_SETTINGS: SettingTable<CostSettings> = {
  price: {
    env: ["POT_PRICE"],
    key: "price",
    expected: "what one unit of the chain's currency is worth, above 0, such as 0.45",
    parse: amount,
  },
  priceCurrency: {
    env: ["POT_PRICE_CURRENCY"],
    key: "priceCurrency",
    expected: "three capital letters (ISO 4217), such as USD",
    parse: matching(/^[A-Z]{3}$/),
  },
  priceUrl: {
    env: ["POT_PRICE_URL"],
    key: "priceUrl",
    expected: "an https:// URL (http:// only to this machine)",
    parse: allowedUrl,
    isSecret: true,
  },
  pricePath: {
    env: ["POT_PRICE_PATH"],
    key: "pricePath",
    expected: "names joined by dots, such as polygon-ecosystem-token.usd",
    parse: matching(/^[\w-]{1,64}(?:\.[\w-]{1,64}){0,9}$/),
  },
  dailyCostAlert: {
    env: ["POT_DAILY_COST_ALERT"],
    key: "dailyCostAlert",
    expected: "an amount of money above 0, such as 5",
    parse: amount,
  },
  monthlyCostAlert: {
    env: ["POT_MONTHLY_COST_ALERT"],
    key: "monthlyCostAlert",
    expected: "an amount of money above 0, such as 100",
    parse: amount,
  },
  dailyVolumeAlert: {
    env: ["POT_DAILY_VOLUME_ALERT"],
    key: "dailyVolumeAlert",
    expected: "a whole number from 1: transactions in 24 hours",
    parse: wholeFrom1,
  },
};
