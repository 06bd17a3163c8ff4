import assert from "node:assert/strict";
import { proofOfTrainingCodeHash } from "../../../contracts/artifact.ts";
import { checkContract } from "../../../lib/chain/check_contract.ts";
import { startDevnet } from "../../../lib/chain/devnet.ts";
import { createEndpointPool } from "../../../lib/chain/endpoint_pool.ts";
import { UnreachableError, UsageError } from "../../../lib/core/errors.ts";
import { systemClock } from "../../../lib/runtime/system_clock.ts";
import { deployOnDevnet } from "../../contracts/contract_on_devnet.ts";

Deno.test("checkContract() tells our contract from foreign code and from none", async () => {
  await using devnet = await startDevnet();
  const [, owner, other] = devnet.accounts.map(({ address }) => address);
  const deployed = await deployOnDevnet(devnet, owner!);
  const endpoints = createEndpointPool({
    urls: [devnet.rpcUrl],
    chainId: devnet.chainId,
    clock: systemClock,
  });
  const check = (contract: `0x${string}`) => checkContract({ endpoints, contract });
  const fresh = {
    hasCode: true,
    codeHash: proofOfTrainingCodeHash,
    isKnownCode: true,
    owner,
    isPaused: false,
    recordCount: 0n,
  };
  assert.deepEqual(await check(deployed.address), fresh);
  await deployed.send(other!, "storeHash", ["ab".repeat(32), ""]);
  await deployed.send(owner!, "pauseContract");
  assert.deepEqual(await check(deployed.address), { ...fresh, isPaused: true, recordCount: 1n });

  assert.deepEqual(await check(other!), { hasCode: false, isKnownCode: false });

  // STOP answers every call with nothing; the second reverts; the third answers every call with all bits set.
  for (const code of ["0x00", "0x5f5ffd", "0x5f195f5260205ff3"]) {
    await devnet.request("anvil_setCode", [other, code]);
    const { hasCode, isKnownCode, owner, isPaused } = await check(other!);
    assert.deepEqual({ hasCode, isKnownCode, owner, isPaused }, {
      hasCode: true,
      isKnownCode: false,
      owner: undefined,
      isPaused: undefined,
    });
  }
});

Deno.test("checkContract() refuses another chain, and passes an outage on", async () => {
  const contract = "0x00000000000000000000000000000000000000aA";
  const other = { chainId: 137, read: () => Promise.resolve("0x1") };
  await assert.rejects(() => checkContract({ endpoints: other, contract }), (error) => {
    assert.ok(error instanceof UsageError);
    assert.equal(
      error.message,
      "Cannot check the contract as the RPC endpoint serves chain id 1, not 137",
    );
    return true;
  });
  const answers: Record<string, string> = { eth_chainId: "0x1", eth_getCode: "0x00" };
  const outage = new UnreachableError("Cannot read from the chain as no RPC endpoint gave an answer");
  const failing = {
    chainId: 1,
    read: (method: string) => method in answers ? Promise.resolve(answers[method]) : Promise.reject(outage),
  };
  await assert.rejects(() => checkContract({ endpoints: failing, contract }), outage);
});
