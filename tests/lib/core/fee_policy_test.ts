import assert from "node:assert/strict";
import fc from "fast-check";
import { chooseFees, FeeCapExceededError } from "../../../lib/core/fee_policy.ts";

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
