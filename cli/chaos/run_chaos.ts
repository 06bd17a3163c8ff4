import { join } from "node:path";
import { recoverTransactionAddress } from "viem";
import { encodeDeployData, encodeFunctionData, keccak256, parseTransaction } from "viem/utils";
import { proofOfTrainingAbi, proofOfTrainingBytecode } from "../../contracts/artifact.ts";
import type { ChainClient } from "../../lib/chain/chain_client.ts";
import { type Devnet, startDevnet } from "../../lib/chain/devnet.ts";
import { createEndpointPool } from "../../lib/chain/endpoint_pool.ts";
import { createEvmClient } from "../../lib/chain/evm_client.ts";
import { openJournal, type TransactionJournal } from "../../lib/chain/journal.ts";
import type { BudgetLimits } from "../../lib/core/budget.ts";
import { PotError } from "../../lib/core/errors.ts";
import { denoFiles } from "../../lib/io/deno_files.ts";
import { createAccountSigner } from "../../lib/keys/account_signer.ts";
import { createChaosClock } from "./chaos_clock.ts";
import { checkStored, hashOf } from "./check_stored.ts";
import { type ChaosProxy, type Offer, startChaosProxy } from "./chaos_proxy.ts";
import { type ChaosWorld, createChaosWorld } from "./chaos_world.ts";
import { createKillableFiles, type KillableFiles } from "./killable_files.ts";
import { type Random, seededRandom } from "./seeded_random.ts";

/** What one seed came to. */
export interface ChaosResult {
  readonly seed: number;
  /** Hashes that were to be stored. */
  readonly submissions: number;
  /** How often the client was killed. */
  readonly kills: number;
  /** How often each kind of trouble struck. */
  readonly troubles: Readonly<Record<string, number>>;
  /** Transactions that it took, replacements not counted. */
  readonly transactions: number;
  readonly replacements: number;
  readonly reorganisations: number;
  /** What is wrong; empty when all holds. */
  readonly violations: readonly string[];
  /** What the world did, in order. */
  readonly history: readonly string[];
}

export interface ChaosOptions {
  /** The same seed meets the same troubles. */
  readonly seed: number;
  /** @default 40 */
  readonly submissions?: number;
  readonly signal?: AbortSignal;
  /** Stands between the run and each client, so that a run can be shown to notice a bad one. @default the client as it is */
  readonly wrap?: (client: ChainClient) => ChainClient;
}

const ENDPOINTS = 3;
/** Anvil calls final what is two epochs old. */
const SLOTS_IN_AN_EPOCH = 4;
const LONGEST_REORG = 6;
const GWEI = 10n ** 9n;
const ATTEMPTS = 400;

/**
 * Drives the real client, journal and all, against a local Anvil through faults, reorganisations, fee spikes, empty balances, pauses and
 * kills that the seed chooses, then lets the world calm down and compares what is on the chain with what was asked for.
 */
export async function runChaos(
  { seed, submissions = 40, signal, wrap = (client) => client }: ChaosOptions,
): Promise<ChaosResult> {
  // One stream each, so that what one of them draws does not change what another one meets.
  const [worldRandom, clientRandom, proxyRandom] = [0, 1, 2].map((stream) =>
    seededRandom(seed * 3 + stream)
  ) as [
    Random,
    Random,
    Random,
  ];
  const folder = await Deno.makeTempDir({ prefix: "pot-chaos-" });
  try {
    await using devnet = await startDevnet({
      args: ["--no-mining", "--slots-in-an-epoch", String(SLOTS_IN_AN_EPOCH)],
      ...(signal && { signal }),
    });
    await using stack = new AsyncDisposableStack();
    const proxies = Array.from(
      { length: ENDPOINTS },
      () => stack.use(startChaosProxy(devnet.rpcUrl, { roll: proxyRandom.next, feeOf: readOffer })),
    );
    const run = await createRun({
      devnet,
      proxies,
      worldRandom,
      random: clientRandom,
      folder,
      submissions,
      wrap,
    });
    await run.submitAll();
    await run.calmDown();
    const violations = await run.check();
    const { world, kills, metrics } = run;
    return {
      seed,
      submissions,
      kills: kills(),
      troubles: Object.fromEntries(world.counts),
      transactions: metrics().signed,
      replacements: metrics().replacements,
      reorganisations: metrics().reorganisations,
      violations,
      history: world.history,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function readOffer(raw: `0x${string}`): Promise<Offer> {
  const { nonce = 0, maxFeePerGas, gasPrice } = parseTransaction(raw);
  const account = await recoverTransactionAddress({ serializedTransaction: raw as `0x02${string}` });
  return { raw, hash: keccak256(raw), slot: `${account} ${nonce}`, feeWei: maxFeePerGas ?? gasPrice ?? 0n };
}

interface RunOptions {
  readonly devnet: Devnet;
  readonly proxies: readonly ChaosProxy[];
  readonly worldRandom: Random;
  /** Of the client's side: when it submits, and when it is killed. */
  readonly random: Random;
  readonly folder: string;
  readonly submissions: number;
  readonly wrap: (client: ChainClient) => ChainClient;
}

async function createRun(
  { devnet, proxies, worldRandom, random, folder, submissions, wrap }: RunOptions,
) {
  const owner = devnet.accounts[0]!.address;
  const sender = devnet.accounts[1]!;
  const contract = await deploy(devnet, owner);
  const clock = createChaosClock(Date.now());
  const limits: BudgetLimits = { dailyTransactions: 100_000, dailySpendWei: 5n * 10n ** 18n };
  const world: ChaosWorld = createChaosWorld({
    devnet,
    random: worldRandom,
    proxies,
    account: sender.address,
    owner,
    startMs: clock.now(),
    maxReorgDepth: LONGEST_REORG,
    setContractPaused: (isPaused) => callAsOwner(devnet, { owner, contract, isPaused }),
  });
  clock.onAdvance = (nowMs) => world.advanceTo(nowMs);
  const journalFolder = join(folder, "journal");
  const violations: string[] = [];
  const finals = new Map<string, string>();
  let kills = 0;
  let life = await startLife();
  let isEnding = false;

  /** One life of the client: until it is killed, or the end. */
  function startLife(): Promise<{ readonly client: ChainClient; readonly files: KillableFiles }> {
    const files = createKillableFiles(denoFiles, () => random.next() < 0.5);
    const client = createEvmClient({
      endpoints: createEndpointPool({
        urls: proxies.map(({ url }) => url),
        chainId: devnet.chainId,
        clock,
        timeoutMs: 250,
        fetch: (url, init) => files.isDead ? Promise.reject(new TypeError("killed")) : fetch(url, init),
      }),
      contract,
      confirmations: 3,
      feePolicy: { capWei: 300n * GWEI },
      journalFolder,
      files,
      clock,
      randomUuid: () => crypto.randomUUID(),
      openSigner: () => createAccountSigner(sender.privateKey),
      pollIntervalMs: 1_000,
      patienceMs: 60_000,
      sending: { limits, stuckAfterMs: 30_000 },
    });
    return Promise.resolve({ client: wrap(client), files });
  }

  /** The dead client's memory is gone; what is on disk is all that the next one knows. */
  async function revive(): Promise<void> {
    const dead = life;
    dead.files.kill();
    kills++;
    await Promise.resolve(dead.client[Symbol.asyncDispose]()).catch(() => {});
    await checkJournal();
    life = await startLife();
  }

  async function openCopy(): Promise<TransactionJournal> {
    const copy = join(folder, `copy-${crypto.randomUUID()}`);
    await Deno.mkdir(copy);
    for (const name of ["journal-" + sender.address.toLowerCase()]) {
      await Deno.copyFile(join(journalFolder, name), join(copy, name)).catch(() => {});
    }
    return await openJournal({
      folder: copy,
      address: sender.address,
      chainId: devnet.chainId,
      files: denoFiles,
    });
  }

  /** What holds at every moment: the budget, and that what was final stays as it was. */
  async function checkJournal(): Promise<void> {
    await using journal = await openCopy();
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    const spentWei = journal.spentOn(day).day.wei;
    if (spentWei > limits.dailySpendWei!) {
      violations.push(`budget: ${spentWei} wei were signed for on ${day}`);
    }
    for (const { key, nonce, state, block } of journal.recentlySettled()) {
      // A key may be tried anew after a failure, with another nonce.
      const attempt = `${key} ${nonce}`;
      const told = `${state} ${block?.transactionHash} ${block?.hash}`;
      const before = finals.get(attempt);
      if (before !== undefined && before !== told) {
        violations.push(`final: ${attempt} was ${before}, is ${told}`);
      }
      finals.set(attempt, told);
    }
  }

  /** Tries one submission until it is through, whatever happens to the client meanwhile. */
  async function submit(n: number): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { client, files } = life;
      try {
        await client.storeHash(hashOf(n), `{"n":${n}}`, { key: `submission ${n}` });
        return;
      } catch (error) {
        if (!files.isDead && !(error instanceof PotError)) throw error;
      }
      if (life.files === files && files.isDead) await reviveOnce(files);
      await clock.sleep(random.between(500, 5_000));
    }
    violations.push(`submission ${n} did not get through in ${ATTEMPTS} attempts`);
  }

  let reviving: Promise<void> | undefined;
  async function reviveOnce(files: KillableFiles): Promise<void> {
    if (life.files === files) reviving ??= revive().finally(() => reviving = undefined);
    await reviving;
  }

  async function submitAll(): Promise<void> {
    let next = 0;
    const worker = async () => {
      while (next < submissions) {
        const n = next++;
        if (!isEnding && random.next() < 0.3) life.files.dieAt(random.between(1, 12));
        await submit(n);
        await clock.sleep(random.between(0, 8_000));
      }
    };
    await Promise.all(Array.from({ length: 6 }, worker));
  }

  /** Until everything is final. */
  async function calmDown(): Promise<void> {
    isEnding = true;
    await world.calmDown();
    if (life.files.isDead) await reviveOnce(life.files);
    life.files.dieAt(Infinity);
    for (let n = 0; n < submissions; n++) await submit(n);
    // Longer than an endpoint that failed again and again is left alone, so that all of them have a say at last.
    for (let look = 0; look < 80; look++) {
      await devnet.request("anvil_mine", ["0x4"]);
      await clock.sleep(5_000);
      await life.client.settle().catch(() => {});
    }
  }

  async function check(): Promise<readonly string[]> {
    await checkJournal();
    await life.client[Symbol.asyncDispose]();
    await using journal = await openCopy();
    if (journal.live().length > 0) {
      violations.push(`not final: ${journal.live().map(({ key, state }) => `${key} (${state})`).join(", ")}`);
    }
    const count = async (tag: string) =>
      Number(await devnet.request("eth_getTransactionCount", [sender.address, tag]));
    const [latest, pending] = [await count("latest"), await count("pending")];
    if (latest !== pending) violations.push(`nonce gap: ${latest} in blocks, ${pending} with the pool`);
    if (latest !== journal.nextNonce()) {
      violations.push(`nonces: ${latest} on the chain, ${journal.nextNonce()} in the journal`);
    }
    violations.push(...await checkStored(devnet, { contract, submitter: sender.address, submissions }));
    for (const [key, told] of finals) {
      const [, , blockHash] = told.split(" ");
      if (blockHash === "undefined") continue;
      const block = await devnet.request("eth_getBlockByHash", [blockHash, false]) as
        | { number: string }
        | null;
      const canonical = block &&
        await devnet.request("eth_getBlockByNumber", [block.number, false]) as { hash: string };
      if (canonical?.hash !== blockHash) violations.push(`final: ${key} is not in the chain any more`);
    }
    metrics = journal.metrics();
    return violations;
  }

  let metrics = await (async () => {
    await using journal = await openJournal({
      folder: join(folder, "empty"),
      address: sender.address,
      chainId: devnet.chainId,
      files: denoFiles,
    });
    return journal.metrics();
  })();

  return { submitAll, calmDown, check, world, kills: () => kills, metrics: () => metrics };
}

async function deploy(devnet: Devnet, owner: `0x${string}`): Promise<`0x${string}`> {
  const data = encodeDeployData({
    abi: proofOfTrainingAbi,
    bytecode: proofOfTrainingBytecode,
    args: [owner, `0x${"0".repeat(40)}`],
  });
  const hash = await devnet.request("eth_sendTransaction", [{ from: owner, data }]);
  await devnet.request("evm_mine");
  // So deep that no reorganisation reaches it.
  await devnet.request("anvil_mine", ["0x10"]);
  const receipt = await devnet.request("eth_getTransactionReceipt", [hash]) as {
    contractAddress: `0x${string}`;
  };
  return receipt.contractAddress;
}

async function callAsOwner(
  devnet: Devnet,
  { owner, contract, isPaused }: {
    readonly owner: string;
    readonly contract: string;
    readonly isPaused: boolean;
  },
): Promise<void> {
  const functionName = isPaused ? "pauseContract" : "unpauseContract";
  const data = encodeFunctionData({ abi: proofOfTrainingAbi, functionName });
  // A reorganisation may have undone the earlier one; then there is nothing to do.
  await devnet.request("eth_call", [{ from: owner, to: contract, data }]).then(
    () => devnet.request("eth_sendTransaction", [{ from: owner, to: contract, data, gas: "0x186a0" }]),
    () => undefined,
  );
  await devnet.request("evm_mine");
}
