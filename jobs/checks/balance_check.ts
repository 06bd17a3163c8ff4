import type { Check } from "./check.ts";

/** What the balance is held against. */
export interface BalanceCheckOptions {
  /** The signing account; `undefined` where nothing tells which that is. */
  readonly account: (options: { readonly signal: AbortSignal }) => Promise<Account | undefined>;
  /** What was spent a day lately, in wei; 0 where nothing is known. */
  readonly dailySpendWei: () => Promise<bigint>;
  /** Of what gas is paid in, such as `POL`. */
  readonly currency: string;
}

/** An account, and what it has. */
export interface Account {
  /** EIP-55. */
  readonly address: string;
  readonly balanceWei: bigint;
  /** What its next anchor costs now, in wei. */
  readonly nextAnchorWei: bigint;
}

/** Fewer days of money than these, at the recent rate, are told. */
const DEGRADED_DAYS = 14;
const WEI = 1e18;

/**
 * Looks at the signing account's balance, and for how many days it lasts at the recent rate: `failed` where it does not pay for the
 * next anchor.
 */
export function balanceCheck({ account, dailySpendWei, currency }: BalanceCheckOptions): Check {
  return {
    name: "balance",
    async look(options) {
      const [found, perDayWei] = await Promise.all([account(options), dailySpendWei()]);
      if (found === undefined) {
        return [{ status: "unknown", reason: "nothing tells which account signs: its key does not open" }];
      }
      const { address, balanceWei, nextAnchorWei } = found;
      const runwayDays = perDayWei === 0n ? undefined : Number(balanceWei * 1_000n / perDayWei) / 1_000;
      const amount = `${(Number(balanceWei) / WEI).toPrecision(4)} ${currency}`;
      const values = {
        balanceWei: Number(balanceWei),
        dailySpendWei: Number(perDayWei),
        ...(runwayDays === undefined ? {} : { runwayDays }),
      };
      const common = { values, details: { account: address, balance: amount } };
      if (balanceWei < nextAnchorWei) {
        return [{ status: "failed", reason: `${amount} does not pay for the next anchor`, ...common }];
      }
      if (runwayDays === undefined) {
        return [{ status: "ok", reason: `${amount}; nothing was spent lately`, ...common }];
      }
      return [{
        status: runwayDays < DEGRADED_DAYS ? "degraded" : "ok",
        reason: `${amount}, enough for ${days(runwayDays)} at the recent rate`,
        ...common,
      }];
    },
  };
}

function days(count: number): string {
  return count >= 1_000 ? "over 1000 days" : `${count < 10 ? count.toFixed(1) : Math.round(count)} days`;
}
