import type { Check } from "./check.ts";

/** What the balance is held against. */
export interface BalanceCheckOptions {
  /** The signing account's, in wei. */
  readonly balanceWei: (options: { readonly signal: AbortSignal }) => Promise<bigint>;
  /** What was spent a day lately, in wei; 0 where nothing is known. */
  readonly dailySpendWei: () => Promise<bigint>;
  /** Of what gas is paid in, such as `POL`. */
  readonly currency: string;
  /** The account, EIP-55. */
  readonly account: string;
}

/** Fewer days of money than these, at the recent rate, are told. */
const DEGRADED_DAYS = 14;
const FAILED_DAYS = 3;
const WEI = 1e18;

/** Looks at the signing account's balance, and for how many days it lasts at the recent rate. */
export function balanceCheck({ balanceWei, dailySpendWei, currency, account }: BalanceCheckOptions): Check {
  return {
    name: "balance",
    async look(options) {
      const [wei, perDayWei] = await Promise.all([balanceWei(options), dailySpendWei()]);
      const runwayDays = perDayWei === 0n ? undefined : Number(wei * 1_000n / perDayWei) / 1_000;
      const amount = `${(Number(wei) / WEI).toPrecision(6)} ${currency}`;
      const values = {
        balance: Number(wei) / WEI,
        dailySpend: Number(perDayWei) / WEI,
        ...(runwayDays === undefined ? {} : { runwayDays }),
      };
      const details = { account, currency };
      if (wei === 0n) return [{ status: "failed", reason: "the account is empty", values, details }];
      if (runwayDays === undefined) {
        return [{ status: "ok", reason: `${amount}; nothing was spent lately`, values, details }];
      }
      const status = runwayDays < FAILED_DAYS ? "failed" : runwayDays < DEGRADED_DAYS ? "degraded" : "ok";
      return [{
        status,
        reason: `${amount}, enough for ${days(runwayDays)} at the recent rate`,
        values,
        details,
      }];
    },
  };
}

function days(count: number): string {
  return count >= 1_000 ? "over 1000 days" : `${count < 10 ? count.toFixed(1) : Math.round(count)} days`;
}
