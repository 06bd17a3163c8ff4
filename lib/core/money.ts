/** What one unit of a chain's currency is worth. */
export interface Price {
  /** In `currency`, above 0. */
  readonly perUnit: number;
  /** ISO 4217, such as `USD`. */
  readonly currency: string;
}

const WEI = 1e18;

/** An amount in wei as money. */
export function toMoney(wei: bigint, { perUnit }: Pick<Price, "perUnit">): number {
  return Number(wei) / WEI * perUnit;
}

/** Money for people: two decimals, and more where there would be nothing to see. */
export function formatMoney(amount: number, currency: string): string {
  const decimals = amount !== 0 && Math.abs(amount) < 0.1 ? 6 : 2;
  return `${amount.toFixed(decimals)} ${currency}`;
}

/** Exact, without zeros at the end. */
export function inGwei(wei: bigint): string {
  return decimal(wei, 9);
}

/** Rounded up to four digits that count, so that whoever sends that much sends enough. */
export function inCurrency(wei: bigint, currency: string): string {
  const drop = Math.max(0, wei.toString().length - 4);
  const step = 10n ** BigInt(drop);
  return `${decimal((wei + step - 1n) / step * step, 18)} ${currency}`;
}

function decimal(value: bigint, digits: number): string {
  const unit = 10n ** BigInt(digits);
  const fraction = (value % unit).toString().padStart(digits, "0").replace(/0+$/, "");
  return `${value / unit}${fraction === "" ? "" : `.${fraction}`}`;
}
