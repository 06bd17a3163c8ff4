import assert from "node:assert/strict";
import { startDevnet } from "../../../lib/chain/devnet.ts";
import { createEndpointPool } from "../../../lib/chain/endpoint_pool.ts";
import { estimateCost } from "../../../lib/chain/estimate_cost.ts";
import { systemClock } from "../../../lib/runtime/system_clock.ts";

const ORACLE = "0x420000000000000000000000000000000000000F";

Deno.test("estimateCost() adds what the OP stack charges for the parent chain, and nothing elsewhere", async () => {
  await using devnet = await startDevnet();
  const [from, to] = devnet.accounts.map(({ address }) => address);
  const endpoints = createEndpointPool({ urls: [devnet.rpcUrl], chainId: 31337, clock: systemClock });
  const estimate = (valueWei = 0n) =>
    estimateCost({ key: "", purpose: "send", to: to!, data: "0x1234", valueWei }, {
      endpoints,
      address: from!,
      feePolicy: { capWei: 10n ** 11n },
    });
  const plain = await estimate(7n);
  assert.equal(plain.parentChainFeeWei, undefined);
  assert.equal(plain.costWei, plain.gas * plain.feePerGasWei + 7n);
  assert.ok(plain.maxCostWei > plain.costWei);

  // Answers getL1Fee(bytes), and nothing else, with the length of the transaction times a million.
  const code = "0x5f3560e01c6349948e0e14600f57005b602435620f4240025f5260205ff3";
  await devnet.request("anvil_setCode", [ORACLE, code]);
  const layered = await estimate();
  const bytes = layered.parentChainFeeWei! / 1_000_000n;
  // A signed transaction with two bytes of data.
  assert.ok(bytes > 105n && bytes < 130n, `${bytes}`);
  assert.equal(layered.costWei, layered.gas * layered.feePerGasWei + layered.parentChainFeeWei!);
  assert.equal(layered.maxCostWei - layered.parentChainFeeWei! > 0n, true);

  await devnet.request("anvil_setCode", [ORACLE, "0x5f5ffd"]);
  assert.equal((await estimate()).parentChainFeeWei, undefined);
});
