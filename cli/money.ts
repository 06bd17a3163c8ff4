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
