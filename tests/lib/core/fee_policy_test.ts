import assert from "node:assert/strict";
import fc from "fast-check";
import {
  bumpFees,
  chooseFees,
  FeeCapExceededError,
  FeeDeferredError,
  type Fees,
  maxFeePerGas,
} from "../../../lib/core/fee_policy.ts";

const policy = { capWei: 100n };

Deno.test("chooseFees() asks for twice the base fee plus the tip, lowered to the cap", () => {
  assert.deepEqual(chooseFees({ baseFeePerGasWei: 30n, suggestedPriorityFeeWei: 2n, policy }), {
    type: "eip1559",
    maxFeePerGasWei: 62n,
    maxPriorityFeePerGasWei: 2n,
  });
  assert.deepEqual(chooseFees({ baseFeePerGasWei: 60n, suggestedPriorityFeeWei: 40n, policy }), {
    type: "eip1559",
    maxFeePerGasWei: 100n,
    maxPriorityFeePerGasWei: 40n,
  });
});

Deno.test("chooseFees() throws when the cap does not cover base fee and tip", () => {
  assert.throws(
    () => chooseFees({ baseFeePerGasWei: 60n, suggestedPriorityFeeWei: 41n, policy }),
    (error: FeeCapExceededError) => {
      assert.ok(error instanceof FeeCapExceededError);
      assert.equal(error.message, "Cannot anchor as the network fee is above the cap");
      assert.deepEqual(error.facts, ["fee: 101 wei/gas", "cap: 100 wei/gas"]);
      assert.equal(error.hint, "wait for the next anchor run, or raise POT_MAX_FEE_GWEI");
      assert.equal(error.exitCode, 1);
      return true;
    },
  );
});

Deno.test("chooseFees() uses a gas price where blocks have no base fee", () => {
  const market = { baseFeePerGasWei: undefined, suggestedPriorityFeeWei: 50n };
  assert.deepEqual(chooseFees({ ...market, policy }), { type: "legacy", gasPriceWei: 50n });
  assert.deepEqual(chooseFees({ ...market, policy: { capWei: 100n, fixedFeePerGasWei: 70n } }), {
    type: "legacy",
    gasPriceWei: 70n,
  });
  assert.throws(() => chooseFees({ ...market, policy: { capWei: 49n } }), FeeCapExceededError);
});

Deno.test("chooseFees() uses a fixed fee as the maximum, within cap and above the base fee", () => {
  const market = { baseFeePerGasWei: 30n, suggestedPriorityFeeWei: 50n };
  assert.deepEqual(chooseFees({ ...market, policy: { capWei: 100n, fixedFeePerGasWei: 40n } }), {
    type: "eip1559",
    maxFeePerGasWei: 40n,
    maxPriorityFeePerGasWei: 40n,
  });
  assert.throws(
    () => chooseFees({ ...market, policy: { capWei: 39n, fixedFeePerGasWei: 40n } }),
    FeeCapExceededError,
  );
  assert.throws(() => chooseFees({ ...market, policy: { capWei: 100n, fixedFeePerGasWei: 29n } }), {
    message: "Cannot send as the fixed fee is below the base fee of the network",
    hint: "raise GAS_PRICE_GWEI, or unset it to follow the network",
  });
});

Deno.test("chooseFees() never exceeds the cap and always covers the next block, or throws", () => {
  const wei = fc.bigInt({ min: 0n, max: 10n ** 15n });
  fc.assert(
    fc.property(wei, wei, wei, fc.option(wei, { nil: undefined }), (baseFeePerGasWei, tip, capWei, fixed) => {
      try {
        const fees = chooseFees({
          baseFeePerGasWei,
          suggestedPriorityFeeWei: tip,
          policy: { capWei, ...(fixed !== undefined && { fixedFeePerGasWei: fixed }) },
        });
        assert.ok(fees.type === "eip1559");
        assert.ok(fees.maxFeePerGasWei <= capWei);
        assert.ok(fees.maxFeePerGasWei >= baseFeePerGasWei);
        assert.ok(fees.maxPriorityFeePerGasWei <= fees.maxFeePerGasWei);
        if (fixed === undefined) assert.ok(fees.maxFeePerGasWei >= baseFeePerGasWei + tip);
      } catch (error) {
        if (error instanceof FeeCapExceededError) assert.ok((fixed ?? baseFeePerGasWei + tip) > capWei);
        else if (error instanceof assert.AssertionError) throw error;
        else assert.ok(fixed! < baseFeePerGasWei);
      }
    }),
  );
});

Deno.test("chooseFees() never offers a tip above its cap, and then needs less in all", () => {
  const market = { baseFeePerGasWei: 60n, suggestedPriorityFeeWei: 41n };
  assert.deepEqual(chooseFees({ ...market, policy: { ...policy, priorityCapWei: 40n } }), {
    type: "eip1559",
    maxFeePerGasWei: 100n,
    maxPriorityFeePerGasWei: 40n,
  });
  // Without EIP-1559 there is no tip: what is suggested is the whole price.
  assert.deepEqual(
    chooseFees({ ...market, baseFeePerGasWei: undefined, policy: { ...policy, priorityCapWei: 40n } }),
    { type: "legacy", gasPriceWei: 41n },
  );
});

const wei = fc.bigInt({ min: 0n, max: 10n ** 12n });
const legacy: fc.Arbitrary<Fees> = wei.map((gasPriceWei) => ({ type: "legacy", gasPriceWei }));
const eip1559: fc.Arbitrary<Fees> = fc.tuple(wei, wei).map(([a, b]) => ({
  type: "eip1559",
  maxFeePerGasWei: a > b ? a : b,
  maxPriorityFeePerGasWei: a > b ? b : a,
}));

/** At least 12.5 % more, in whole wei, and at least one. */
function assertBumped(before: bigint, after: bigint): void {
  assert.ok(after * 8n >= before * 9n && after > before, `${before} became ${after}`);
}

Deno.test("bumpFees() pays at least 12.5 % more in every field, never above the cap (property)", () => {
  fc.assert(
    fc.property(fc.oneof(legacy, eip1559), fc.oneof(legacy, eip1559), wei, (earlier, market, capWei) => {
      const fees = bumpFees(earlier, { market, capWei });
      const neededWei = (maxFeePerGas(earlier) * 9n + 7n) / 8n || 1n;
      // There is room exactly where the cap covers the raised maximum.
      assert.equal(fees === undefined, neededWei > capWei);
      if (fees === undefined) return;
      assert.equal(fees.type, earlier.type);
      assert.ok(maxFeePerGas(fees) <= capWei);
      assertBumped(maxFeePerGas(earlier), maxFeePerGas(fees));
      if (fees.type === "legacy" || earlier.type === "legacy") return;
      assert.ok(fees.maxPriorityFeePerGasWei <= fees.maxFeePerGasWei);
      assertBumped(earlier.maxPriorityFeePerGasWei, fees.maxPriorityFeePerGasWei);
    }),
    { numRuns: 500 },
  );
});

Deno.test("bumpFees() follows the market where that asks more, up to the cap", () => {
  const earlier: Fees = { type: "eip1559", maxFeePerGasWei: 80n, maxPriorityFeePerGasWei: 8n };
  const market: Fees = { type: "eip1559", maxFeePerGasWei: 200n, maxPriorityFeePerGasWei: 30n };
  assert.deepEqual(bumpFees(earlier, { market, capWei: 1_000n }), market);
  assert.deepEqual(bumpFees(earlier, { market, capWei: 100n }), {
    type: "eip1559",
    maxFeePerGasWei: 100n,
    maxPriorityFeePerGasWei: 30n,
  });
  assert.deepEqual(bumpFees(earlier, { market: earlier, capWei: 1_000n }), {
    type: "eip1559",
    maxFeePerGasWei: 90n,
    maxPriorityFeePerGasWei: 9n,
  });
  assert.equal(bumpFees(earlier, { market, capWei: 89n }), undefined);
});

Deno.test("chooseFees() and FeeCapExceededError say what was not done", () => {
  const market = { baseFeePerGasWei: 60n, suggestedPriorityFeeWei: 41n };
  assert.throws(() => chooseFees({ ...market, policy, action: "store the hash" }), {
    message: "Cannot store the hash as the network fee is above the cap",
  });
  const error = new FeeCapExceededError({
    maxFeePerGasWei: 7n,
    capWei: 5n,
    action: "deploy the contract",
    unit: "wei for the transaction",
    setting: "POT_MAX_TRANSACTION_COST",
  });
  assert.equal(error.message, "Cannot deploy the contract as the network fee is above the cap");
  assert.deepEqual(error.facts, ["fee: 7 wei for the transaction", "cap: 5 wei for the transaction"]);
  assert.equal(error.hint, "wait for the next anchor run, or raise POT_MAX_TRANSACTION_COST");
});

Deno.test("FeeDeferredError names fee, limit and deadline", () => {
  const facts = { maxFeePerGasWei: 90n, deferAboveWei: 40n, action: "anchor" };
  const error = new FeeDeferredError({ ...facts, deadlineMs: Date.UTC(2026, 10, 22, 21) });
  assert.equal(
    error.message,
    "Cannot anchor yet as the network fee is above what is worth paying before the deadline",
  );
  assert.deepEqual(error.facts, [
    "fee: 90 wei/gas",
    "deferred above: 40 wei/gas",
    "deadline: 2026-11-22T21:00:00.000Z",
  ]);
  assert.equal(
    error.hint,
    "it is tried again by the next anchor run; raise POT_DEFER_FEE_GWEI to pay more now",
  );
  assert.deepEqual(new FeeDeferredError({ ...facts, deadlineMs: undefined }).facts.at(-1), "deadline: none");
});
