import assert from "node:assert/strict";
import { balanceCheck } from "../../../jobs/checks/balance_check.ts";
import type { Check } from "../../../jobs/checks/check.ts";
import { clockCheck } from "../../../jobs/checks/clock_check.ts";
import { contractCheck } from "../../../jobs/checks/contract_check.ts";
import { gasPriceCheck } from "../../../jobs/checks/gas_price_check.ts";
import { successRateCheck } from "../../../jobs/checks/success_rate_check.ts";
import type { ContractCheck } from "../../../lib/chain/check_contract.ts";
import type { FollowedJournal } from "../../../lib/chain/journal_follower.ts";

const signal = new AbortController().signal;
const statusAndReason = async (check: Check) =>
  (await check.look({ signal })).map(({ check: name, status, reason }) =>
    [name ?? check.name, status, reason] as const
  );

const ETHER = 10n ** 18n;
const GWEI = 10n ** 9n;
const OWNER = "0x00000000000000000000000000000000000000A1";
const OTHER = "0x00000000000000000000000000000000000000B2";
const NOBODY = `0x${"0".repeat(40)}` as const;

const contract: ContractCheck & { problems: readonly string[] } = {
  contract: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
  hasCode: true,
  isKnownCode: true,
  isReleasedCode: true,
  delegations: [],
  owner: OWNER,
  pendingOwner: NOBODY,
  successor: NOBODY,
  isPaused: false,
  recordCount: 3n,
  problems: [],
};
const look = (changes: Partial<typeof contract>, expected?: string) =>
  statusAndReason(contractCheck({
    inspect: () => Promise.resolve({ ...contract, ...changes }),
    expectedOwner: () => Promise.resolve(expected),
  }));

Deno.test("contractCheck() is well with a contract that answers, takes writes and is owned as expected", async () => {
  assert.deepEqual(await look({}, OWNER.toLowerCase()), [
    ["contract-code", "ok", "the code of a release, and it answers"],
    ["contract-paused", "ok", "it takes writes"],
    ["contract-owner", "ok", "owned as expected"],
  ]);
});

Deno.test("contractCheck() tells foreign code, silence, a pause and retirement", async () => {
  assert.deepEqual((await look({ problems: ["its code is that of no release"] }))[0], [
    "contract-code",
    "failed",
    "its code is that of no release",
  ]);
  const { recordCount: _, ...mute } = contract;
  const silent = contractCheck({
    inspect: () => Promise.resolve(mute),
    expectedOwner: () => Promise.resolve(undefined),
  });
  assert.deepEqual((await statusAndReason(silent))[0], [
    "contract-code",
    "failed",
    "it does not answer a read",
  ]);
  assert.deepEqual((await look({ isPaused: true }))[1], [
    "contract-paused",
    "failed",
    "it is paused: no write goes through",
  ]);
  assert.deepEqual(
    (await look({ isPaused: true, successor: OTHER }))[1]![2],
    "it was retired in favour of another contract",
  );
  assert.deepEqual(await look({ hasCode: false, problems: ["there is no code at its address"] }), [
    ["contract-code", "failed", "there is no code at its address"],
  ]);
});

Deno.test("contractCheck() tells another owner, and one that is about to be", async () => {
  assert.deepEqual((await look({}, OTHER))[2], [
    "contract-owner",
    "failed",
    "it belongs to somebody else than it should",
  ]);
  assert.deepEqual((await look({ pendingOwner: OTHER }, OWNER))[2], [
    "contract-owner",
    "degraded",
    "its owner has offered it to another account",
  ]);
});

const balance = (balanceWei: bigint, perDayWei: bigint) =>
  statusAndReason(balanceCheck({
    account: () => Promise.resolve({ address: OWNER, balanceWei, nextAnchorWei: ETHER / 1_000n }),
    dailySpendWei: () => Promise.resolve(perDayWei),
    currency: "POL",
  }));

Deno.test("balanceCheck() counts the days that the money lasts", async () => {
  assert.deepEqual(await balance(30n * ETHER, ETHER), [
    ["balance", "ok", "30.00 POL, enough for 30 days at the recent rate"],
  ]);
  assert.deepEqual(await balance(ETHER, ETHER / 2n), [
    ["balance", "degraded", "1.000 POL, enough for 2.0 days at the recent rate"],
  ]);
  assert.deepEqual(await balance(ETHER, 0n), [["balance", "ok", "1.000 POL; nothing was spent lately"]]);
  assert.deepEqual(await balance(ETHER / 1_001n, 1n), [
    ["balance", "failed", "0.0009990 POL does not pay for the next anchor"],
  ]);
});

const gas = (gwei: bigint) =>
  statusAndReason(gasPriceCheck({
    market: () => Promise.resolve({ baseFeePerGasWei: (gwei - 1n) * GWEI, suggestedPriorityFeeWei: GWEI }),
    policy: { capWei: 100n * GWEI, deferAboveWei: 60n * GWEI },
  }));

Deno.test("gasPriceCheck() tells when anchoring waits for less, and when nothing is sent", async () => {
  assert.deepEqual(await gas(20n), [["gas-price", "ok", "20.0 gwei"]]);
  assert.deepEqual(await gas(50n), [
    ["gas-price", "degraded", "50.0 gwei: anchoring waits for less, or for its deadline"],
  ]);
  assert.deepEqual(await gas(101n), [["gas-price", "failed", "101 gwei: above the cap, so nothing is sent"]]);
});

const clock = (headSeconds: number) =>
  statusAndReason(clockCheck({
    headTime: () => Promise.resolve(headSeconds),
    now: () => 1_000_000,
    maxHeadAgeSeconds: 180,
  }));

Deno.test("clockCheck() is sure of a clock that is behind, and only suspects one that is ahead", async () => {
  assert.deepEqual(await clock(990), [["clock-skew", "ok", "10 s after the newest block's time"]]);
  assert.deepEqual(await clock(1_020), [
    ["clock-skew", "degraded", "this clock is at least 20 s behind the newest block's time"],
  ]);
  assert.deepEqual(await clock(1_400), [
    ["clock-skew", "failed", "this clock is at least 400 s behind the newest block's time"],
  ]);
  assert.deepEqual(await clock(700), [
    [
      "clock-skew",
      "degraded",
      "300 s after the newest block's time: this clock is ahead, or the chain stands still",
    ],
  ]);
});

const success = (final: number, failed: number, replaced = 0) => {
  const states = { final, failed, replaced };
  const settled = Object.entries(states).flatMap(([state, count]) =>
    Array.from({ length: count }, (_, nonce) => ({ key: `${state} ${nonce}`, nonce, state }))
  );
  return statusAndReason(successRateCheck(() => Promise.resolve({ settled } as unknown as FollowedJournal)));
};

Deno.test("successRateCheck() waits for enough transactions, and leaves cancelled ones out", async () => {
  assert.deepEqual(await success(1, 3), [["success-rate", "ok", "4 settled so far"]]);
  assert.deepEqual(await success(60, 0, 4), [["success-rate", "ok", "60 of the last 60 had their effect"]]);
  assert.deepEqual(await success(9, 1), [["success-rate", "degraded", "9 of the last 10 had their effect"]]);
  assert.deepEqual(await success(2, 3), [["success-rate", "failed", "2 of the last 5 had their effect"]]);
  assert.deepEqual(await statusAndReason(successRateCheck(() => Promise.resolve(undefined))), [
    ["success-rate", "ok", "0 settled so far"],
  ]);
});
