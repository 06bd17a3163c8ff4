import assert from "node:assert/strict";
import { join } from "node:path";
import { getContractAddress, keccak256, toBytes } from "viem/utils";
import {
  proofOfTrainingBytecode,
  proofOfTrainingCodeHash,
  proofOfTrainingCompiler,
} from "../../../contracts/artifact.ts";
import { compilerSettingsHash } from "../../../lib/chain/compiler_settings.ts";
import { DEPLOYMENT_PROXY } from "../../../lib/chain/create2.ts";
import { checkContract } from "../../../lib/chain/check_contract.ts";
import { deployContract, type DeployContractOptions } from "../../../lib/chain/deploy_contract.ts";
import { deploymentPath, readDeployment } from "../../../lib/chain/deployment_file.ts";
import { type Devnet, startDevnet } from "../../../lib/chain/devnet.ts";
import { createEndpointPool } from "../../../lib/chain/endpoint_pool.ts";
import { createEvmSender } from "../../../lib/chain/evm_sender.ts";
import { openJournal } from "../../../lib/chain/journal.ts";
import { PotError, UsageError } from "../../../lib/core/errors.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import type { FileLayer } from "../../../lib/io/file_layer.ts";
import { createEnvKeySource } from "../../../lib/keys/env_key_source.ts";
import { systemClock } from "../../../lib/runtime/system_clock.ts";

const feePolicy = { capWei: 100n * 10n ** 9n };
const DEPLOYER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const OWNER = "0x00000000000000000000000000000000000000AA";

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** One run of a deploy command: its own pool, journal handle and sender, as after a restart. */
async function runDeploy(
  devnet: Devnet,
  folder: string,
  more: Partial<DeployContractOptions> & { readonly home?: string; readonly account?: number } = {},
) {
  const { home = "home", account = 0, ...options } = more;
  const endpoints = createEndpointPool({
    urls: [devnet.rpcUrl],
    chainId: devnet.chainId,
    clock: systemClock,
  });
  const signer = await createEnvKeySource({ privateKey: devnet.accounts[account]!.privateKey }).open();
  const { address } = signer;
  const { chainId } = devnet;
  const journal = await openJournal({ folder: join(folder, home), address, chainId, files: denoFiles });
  await using sender = createEvmSender({
    endpoints,
    signer,
    journal,
    feePolicy,
    confirmations: 1,
    clock: systemClock,
    pollIntervalMs: 20,
  });
  return await deployContract({ endpoints, sender, feePolicy, clock: systemClock, folder, ...options });
}

const NO_ENDPOINTS = {
  readMany: () => assert.fail("not asked"),
  broadcast: () => assert.fail("not asked"),
} as const;

async function sentCount(devnet: Devnet, account = 0): Promise<number> {
  const { address } = devnet.accounts[account]!;
  return Number(await devnet.request("eth_getTransactionCount", [address, "latest"]));
}

Deno.test("deployContract() deploys, writes the file, and does not deploy twice", async () => {
  await withFolder(async (folder) => {
    await using devnet = await startDevnet({ chainId: 4711 });
    const first = await runDeploy(devnet, folder, { owner: OWNER });
    assert.equal(first.isNew, true);
    assert.equal(first.replaced, undefined);
    assert.equal(first.path, join(folder, "deployments", "4711.json"));
    const { deployment } = first;
    const file = JSON.parse(await Deno.readTextFile(first.path));
    const word = (address: string) => address.slice(2).toLowerCase().padStart(64, "0");
    const initCode = `${proofOfTrainingBytecode}${word(OWNER)}${word("0x")}` as const;
    assert.deepEqual(file, {
      contractAddress: getContractAddress({
        opcode: "CREATE2",
        from: DEPLOYMENT_PROXY,
        salt: keccak256(toBytes("pot/ProofOfTraining/2")),
        bytecode: initCode,
      }),
      chainId: 4711,
      codeHash: proofOfTrainingCodeHash,
      method: "create2",
      salt: keccak256(toBytes("pot/ProofOfTraining/2")),
      initCodeHash: keccak256(initCode),
      constructorArguments: `0x${word(OWNER)}${word("0x")}`,
      initialOwner: OWNER,
      compiler: proofOfTrainingCompiler,
      compilerSettingsHash: compilerSettingsHash(),
      transactionHash: deployment.transactionHash,
      blockNumber: Number(deployment.blockNumber),
      gasUsed: Number(deployment.gasUsed),
      deployer: devnet.accounts[0]!.address,
      deployedAt: deployment.deployedAt,
    });
    // deno-lint-ignore no-explicit-any
    const receipt: any = await devnet.request("eth_getTransactionReceipt", [file.transactionHash]);
    assert.equal(receipt.to, DEPLOYMENT_PROXY.toLowerCase());
    assert.equal(Number(receipt.gasUsed), file.gasUsed);
    // deno-lint-ignore no-explicit-any
    const block: any = await devnet.request("eth_getBlockByNumber", [receipt.blockNumber, false]);
    assert.equal(Date.parse(deployment.deployedAt!), Number(block.timestamp) * 1000);
    assert.deepEqual(await readDeployment(folder, 4711), deployment);

    const endpoints = { chainId: 4711, read: devnet.request };
    assert.equal((await checkContract({ endpoints, contract: deployment.contractAddress })).owner, OWNER);

    const second = await runDeploy(devnet, folder, { home: "another" });
    assert.deepEqual(second, { deployment, path: first.path, isNew: false });
    assert.equal(await sentCount(devnet), 1);
  });
});

Deno.test("deployContract() deploys again when forced, and keeps the earlier file", async () => {
  await withFolder(async (folder) => {
    await using devnet = await startDevnet();
    const { deployment: old } = await runDeploy(devnet, folder);
    const { deployment, path, replaced } = await runDeploy(devnet, folder, { force: true });
    assert.notEqual(deployment.contractAddress, old.contractAddress);
    assert.deepEqual(replaced?.deployment, old);
    assert.equal(replaced?.reason, "forced");
    assert.equal(replaced?.path, path.replace(".json", `.${old.transactionHash!.slice(2, 14)}.json`));
    assert.equal(
      JSON.parse(await Deno.readTextFile(replaced?.path ?? "")).transactionHash,
      old.transactionHash,
    );
    assert.deepEqual(await readDeployment(folder, devnet.chainId), deployment);
    assert.equal(await sentCount(devnet), 2);
    assert.equal((await runDeploy(devnet, folder)).isNew, false);
  });
});

Deno.test("deployContract() replaces a contract that is gone from the chain", async () => {
  await withFolder(async (folder) => {
    let old;
    {
      await using devnet = await startDevnet();
      // Not the first transaction, so that the same address is not taken again.
      await devnet.request("anvil_setNonce", [devnet.accounts[0]!.address, "0x5"]);
      old = (await runDeploy(devnet, folder)).deployment;
    }
    await using devnet = await startDevnet();
    const { deployment, isNew, replaced } = await runDeploy(devnet, folder, { home: "fresh" });
    assert.equal(isNew, true);
    assert.equal(replaced?.reason, "gone");
    assert.deepEqual(replaced?.deployment, old);
    // A chain of its own, and the same address on it.
    assert.equal(deployment.contractAddress, old.contractAddress);
    assert.notEqual(deployment.transactionHash, old.transactionHash);
    const endpoints = { chainId: devnet.chainId, read: devnet.request };
    assert.equal(
      (await checkContract({ endpoints, contract: deployment.contractAddress })).isKnownCode,
      true,
    );
  });
});

Deno.test("deployContract() completes a run that was killed before the file was written", async () => {
  await withFolder(async (folder) => {
    await using devnet = await startDevnet();
    const powerCut = new Error("power cut");
    const dying: FileLayer = { ...denoFiles, makeFolder: () => Promise.reject(powerCut) };
    await assert.rejects(() => runDeploy(devnet, folder, { files: dying }), powerCut);
    assert.equal(await readDeployment(folder, devnet.chainId), undefined);
    const { isNew, deployment } = await runDeploy(devnet, folder);
    assert.equal(isNew, true);
    assert.equal(await sentCount(devnet), 1);
    // deno-lint-ignore no-explicit-any
    const block: any = await devnet.request("eth_getBlockByNumber", [
      `0x${deployment.blockNumber!.toString(16)}`,
      false,
    ]);
    assert.deepEqual(block.transactions, [deployment.transactionHash]);

    // The same for a forced one.
    await assert.rejects(() => runDeploy(devnet, folder, { files: dying, force: true }), powerCut);
    assert.deepEqual(await readDeployment(folder, devnet.chainId), deployment);
    const forced = await runDeploy(devnet, folder, { force: true });
    assert.equal(forced.replaced?.reason, "forced");
    assert.equal(await sentCount(devnet), 2);
  });
});

Deno.test("deployContract() says what to fund before anything is signed", async () => {
  await withFolder(async (folder) => {
    await using devnet = await startDevnet();
    const { address } = devnet.accounts[3]!;
    await devnet.request("anvil_setBalance", [address, "0x38d7ea4c68000"]);
    await assert.rejects(() => runDeploy(devnet, folder, { account: 3, currency: "POL" }), (error) => {
      assert.ok(error instanceof PotError);
      assert.equal(error.message, "Cannot deploy the contract as the account cannot pay for it");
      assert.equal(error.facts[0], `account: ${address}`);
      assert.equal(error.facts[1], "balance: 0.001 POL");
      const needed = Number(/^needed: up to (0\.00\d+) POL$/.exec(error.facts[2] ?? "")?.[1]);
      const missing = Number(/^send at least (0\.00\d+) POL to 0x\w{40}$/.exec(error.hint ?? "")?.[1]);
      assert.ok(Math.abs(needed - missing - 0.001) < 1e-12, String(error.hint));
      return true;
    });
    assert.equal(await sentCount(devnet, 3), 0);
    assert.equal(await readDeployment(folder, devnet.chainId), undefined);
    // The sender asks for no more than what the message names.
    await devnet.request("anvil_setBalance", [address, "0x2386f26fc10000"]);
    assert.equal((await runDeploy(devnet, folder, { account: 3 })).isNew, true);
  });
});

Deno.test("deployContract() refuses an endpoint of another chain before it looks at anything", async () => {
  await withFolder(async (folder) => {
    const asked: string[] = [];
    const endpoints = {
      ...NO_ENDPOINTS,
      chainId: 137,
      read: (method: string) => {
        asked.push(method);
        return Promise.resolve("0x1");
      },
    };
    const sender = {
      address: DEPLOYER,
      has: () => assert.fail("not asked"),
      send: () => assert.fail("not sent"),
    } as const;
    await assert.rejects(
      () => deployContract({ endpoints, sender, feePolicy, clock: systemClock, folder, method: "create" }),
      (error) => {
        assert.ok(error instanceof UsageError);
        assert.equal(
          error.message,
          "Cannot deploy the contract as the RPC endpoint serves chain id 1, not 137",
        );
        return true;
      },
    );
    assert.deepEqual(asked, ["eth_chainId"]);
  });
});

Deno.test("deployContract() does not accept foreign code in place of its own", async () => {
  await withFolder(async (folder) => {
    const endpoints = {
      ...NO_ENDPOINTS,
      chainId: 1,
      read: (method: string) => Promise.resolve(method === "eth_chainId" ? "0x1" : "0x6000"),
    };
    const mined = {
      transactionHash: `0x${"ab".repeat(32)}`,
      transactionHashes: [],
      transactionIndex: 0,
      blockNumber: 1n,
      blockHash: `0x${"cd".repeat(32)}`,
      blockTime: 1,
      gasUsed: 1n,
      effectiveGasPriceWei: 1n,
      contractAddress: OWNER,
      logs: [],
    } as const;
    const sender = { address: DEPLOYER, has: () => true, send: () => Promise.resolve(mined) } as const;
    await assert.rejects(
      () => deployContract({ endpoints, sender, feePolicy, clock: systemClock, folder, method: "create" }),
      (error) => {
        assert.ok(error instanceof PotError);
        assert.equal(error.message, "Cannot use the deployment as the code on the chain is not ours");
        return true;
      },
    );
    await assert.rejects(() => Deno.stat(deploymentPath(folder, 1)), Deno.errors.NotFound);
  });
});
