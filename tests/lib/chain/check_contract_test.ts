import assert from "node:assert/strict";
import { getAddress } from "viem/utils";
import { proofOfTrainingCodeHash } from "../../../contracts/artifact.ts";
import { checkContract } from "../../../lib/chain/check_contract.ts";
import { NO_ADDRESS } from "../../../lib/chain/deployment_plan.ts";
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
    contract: getAddress(deployed.address),
    hasCode: true,
    codeHash: proofOfTrainingCodeHash,
    isKnownCode: true,
    isReleasedCode: true,
    delegations: [],
    owner,
    pendingOwner: NO_ADDRESS,
    successor: NO_ADDRESS,
    predecessor: NO_ADDRESS,
    isPaused: false,
    recordCount: 0n,
  };
  assert.deepEqual(await check(deployed.address), fresh);
  await deployed.send(other!, "storeHash", ["ab".repeat(32), ""]);
  await deployed.send(owner!, "pauseContract");
  assert.deepEqual(await check(deployed.address), { ...fresh, isPaused: true, recordCount: 1n });

  assert.deepEqual(await check(other!), {
    contract: other,
    hasCode: false,
    isKnownCode: false,
    isReleasedCode: false,
    delegations: [],
  });

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

Deno.test("checkContract() finds what lets other code act in a contract's place", async () => {
  await using devnet = await startDevnet();
  const [, contract] = devnet.accounts.map(({ address }) => address);
  const endpoints = { chainId: devnet.chainId, read: devnet.request };
  const delegations = async (code: string) => {
    await devnet.request("anvil_setCode", [contract, code]);
    return (await checkContract({ endpoints, contract: contract! })).delegations;
  };
  // STOP first, so that calls end there. PUSH1 f4, PUSH32 of f4s and a PUSH cut short are data; what follows a JUMPDEST is not.
  assert.deepEqual(await delegations(`0x0060f47f${"f4".repeat(32)}5b00`), []);
  assert.deepEqual(await delegations("0x005b7ff4"), []);
  assert.deepEqual(await delegations("0x0060005bf4"), ["its code has DELEGATECALL"]);
  assert.deepEqual(await delegations("0x00f2ff"), ["its code has CALLCODE", "its code has SELFDESTRUCT"]);
  // EIP-1967, as written there.
  const slots = {
    implementation: "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc",
    admin: "0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103",
    beacon: "0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50",
  };
  for (const [what, slot] of Object.entries(slots)) {
    await devnet.request("anvil_setStorageAt", [contract, slot, `0x${"00".repeat(31)}01`]);
    assert.deepEqual(await delegations("0x00"), [`it keeps a proxy's ${what}`]);
    await devnet.request("anvil_setStorageAt", [contract, slot, `0x${"00".repeat(32)}`]);
  }
});
