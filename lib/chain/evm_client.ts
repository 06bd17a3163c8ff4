import { encodeFunctionData, getAddress } from "viem/utils";
import { proofOfTrainingAbi } from "../../contracts/artifact.ts";
import type { Clock } from "../core/clock.ts";
import { PotError, UnreachableError, UsageError } from "../core/errors.ts";
import type { FeePolicy } from "../core/fee_policy.ts";
import { toHex } from "../core/hex.ts";
import type { LogHead, SignedHead } from "../core/log_head.ts";
import type { TransactionSigner } from "../core/signer.ts";
import type { FileLayer } from "../io/file_layer.ts";
import type { ChainClient, ChainHealth, EvmAnchorFacts, StoredHash } from "./chain_client.ts";
import { ChainError } from "./chain_error.ts";
import { getBlockNumber } from "./chain_reads.ts";
import { createContractCalls } from "./contract_calls.ts";
import { hashTopic, parseHashStored } from "./contract_events.ts";
import type { EndpointPool, PoolCallOptions } from "./endpoint_pool.ts";
import { type AnchorSubject, findAnchorTransaction, getAnchorFacts, refreshAnchor } from "./evm_anchor.ts";
import { openClientSender } from "./open_client_sender.ts";
import type { SendingOptions } from "./sending_options.ts";
import { createStoredHashCache } from "./stored_hash_cache.ts";
import { checkStoredHashInput } from "./stored_hash_input.ts";
import { createSharedSender, type SharedSender } from "./shared_sender.ts";
import type { TransactionSender } from "./transaction_sender.ts";

/** What an EVM client is made of. */
export interface EvmClientOptions {
  /** Of the contract's chain. */
  readonly endpoints: EndpointPool;
  /** `0x` and 40 hex characters, lowercase or with the right EIP-55 capitals. */
  readonly contract: `0x${string}`;
  /** Blocks an anchor must be deep to count as confirmed; 1 is just mined. */
  readonly confirmations: number;
  /** The most that a unit of gas may cost. */
  readonly feePolicy: FeePolicy;
  /** Where the transaction journal of the signing key lives. */
  readonly journalFolder: string;
  /** Holds the journal. */
  readonly files: FileLayer;
  /** For pauses and time limits. */
  readonly clock: Clock;
  /** Names a write that its caller gave no key. */
  readonly randomUuid: () => string;
  /** Called once, by the first write. @default none: reads only */
  readonly openSigner?: () => Promise<TransactionSigner>;
  /** Pause between two looks at the chain. @default 1_000 */
  readonly pollIntervalMs?: number;
  /** How long a write waits without progress. @default 180_000 */
  readonly patienceMs?: number;
  /** Limits and habits of the sender. @default the sender's own */
  readonly sending?: SendingOptions;
}

const PAUSE_LOOK_MS = 1_000;

const UINT256 = /^(?:0|[1-9][0-9]{0,77})$/;

/**
 * The chain client of one ProofOfTraining contract on an EVM chain; `createFollowingClient` goes on where it is retired.
 * Nothing is asked and no key is opened until it is needed; the journal's lock is held while a write is under way.
 *
 * @throws UsageError when the contract's address is malformed.
 */
export function createEvmClient(options: EvmClientOptions, shared?: SharedSender): ChainClient {
  const { endpoints, confirmations, clock, randomUuid, openSigner } = options;
  const contract = parseContractAddress(options.contract);
  const calls = createContractCalls(endpoints, contract);
  const records = createStoredHashCache({ endpoints, contract, clock });
  const chainId = `eip155:${endpoints.chainId}`;
  let codeHash: Promise<`0x${string}`> | undefined;
  const senders = shared ??
    createSharedSender({ open: (action) => openClientSender(options, action), clock });
  let pauseLook: { readonly answer: Promise<boolean>; readonly untilMs: number } | undefined;

  const anchorKey = ({ size, root }: LogHead) => `anchor:${contract}:${size}:${toHex(root)}`;

  /** Code never changes under an address, so one look is enough. */
  function getCodeHash(): Promise<`0x${string}`> {
    // Shared by all callers, so that no one's signal may end it.
    codeHash ??= calls.getCodeHash({}).catch((error) => {
      codeHash = undefined;
      throw error;
    });
    return codeHash;
  }

  /** Many writes at once share one look, which is good for a second. */
  function isPaused(): Promise<boolean> {
    if (pauseLook === undefined || clock.now() >= pauseLook.untilMs) {
      const answer = calls.getPaused({});
      const look = { answer, untilMs: clock.now() + PAUSE_LOOK_MS };
      pauseLook = look;
      // A failed look is its callers' business, and nobody else's.
      answer.catch(() => pauseLook === look && (pauseLook = undefined));
    }
    return pauseLook.answer;
  }

  /** What a write needs, in the order in which a person can act on it: key, contract, pause. */
  async function checkWrite(
    sender: TransactionSender,
    { action, key }: { readonly action: string; readonly key: string },
  ): Promise<void> {
    await getCodeHash();
    // A transaction that was signed before the pause has to be seen through all the same.
    if (!sender.has(key) && await isPaused()) {
      throw new ChainError(`Cannot ${action} as the contract is paused`, {
        kind: "reverted",
        facts: [`contract: ${contract}`],
        hint: "wait until its owner resumes it (pot contract unpause)",
      });
    }
  }

  /** The transaction that anchored this head already although our journal does not know it. */
  async function findEarlierAnchor(head: SignedHead, submitter: `0x${string}`, read: PoolCallOptions) {
    const anchoredSize = await calls.getAnchoredSize(submitter, read);
    if (anchoredSize < head.size) return undefined;
    const transactionHash = anchoredSize === head.size
      ? await findAnchorTransaction(endpoints, { contract, submitter }, head, read)
      : undefined;
    if (transactionHash !== undefined) return transactionHash;
    throw new PotError("Cannot anchor as this key has anchored another or longer log", {
      facts: [`account: ${submitter}`, `contract's size: ${anchoredSize}`, `this log's size: ${head.size}`],
      hint:
        "one key anchors one log: use another key for this log, or restore the log that this key anchored",
    });
  }

  return {
    kind: "evm",
    chainId,

    async storeHash(hash, metadata, { key = randomUuid(), signal } = {}) {
      checkStoredHashInput(hash, metadata);
      const read = { ...(signal && { signal }) };
      const action = "store the hash";
      const sendKey = `store:${contract}:${key}`;
      return await senders.use(action, async (sender) => {
        await checkWrite(sender, { action, key: sendKey });
        const isKnown = sender.has(sendKey);
        const data = encodeFunctionData({
          abi: proofOfTrainingAbi,
          functionName: "storeHash",
          args: [hash, metadata],
        });
        const mined = await sender.send({
          key: sendKey,
          purpose: action,
          to: contract,
          data,
          records: 1,
          shape: storeShape(contract, metadata),
        }, read);
        const event = mined.logs.map((log) => parseHashStored(log, contract)).find((found) =>
          found !== undefined
        );
        if (event === undefined || (!isKnown && event.hashTopic !== hashTopic(hash))) {
          throw new PotError(
            "Cannot confirm the stored hash as its transaction does not hold the HashStored event",
            {
              facts: [`transaction: ${mined.transactionHash}`, `contract: ${contract}`],
              hint: "check CONTRACT_ADDRESS: another contract may be there",
            },
          );
        }
        const { transactionHash, gasUsed } = mined;
        if (isKnown) {
          // The first write under the key may have had other content, and that is what it answers with.
          const first = await calls.getStoredHash(event.transactionId, read);
          if (first !== undefined) return { ...first, transactionHash, gasUsed, contract };
        }
        const { timestamp, blockNumber } = event;
        const transactionId = event.transactionId.toString();
        return {
          transactionId,
          hash,
          metadata,
          timestamp,
          blockNumber,
          submitter: sender.address,
          transactionHash,
          gasUsed,
          contract,
        };
      }, read);
    },

    async retrieveHash(transactionId, { signal } = {}): Promise<StoredHash | undefined> {
      const read = { ...(signal && { signal }) };
      await getCodeHash();
      return isUint256(transactionId) ? await records.get(BigInt(transactionId), read) : undefined;
    },

    async verifyHash(hash, transactionId, { signal } = {}) {
      const read = { ...(signal && { signal }) };
      await getCodeHash();
      return isUint256(transactionId) && await calls.getMatches(hash, BigInt(transactionId), read);
    },

    async anchor(
      head,
      { waitForConfirmations = true, records = 0, deadlineMs, onSending, signal } = {},
    ): Promise<EvmAnchorFacts> {
      const read = { ...(signal && { signal }) };
      const root = `0x${toHex(head.root)}` as const;
      const key = anchorKey(head);
      return await senders.use("anchor", async (sender) => {
        await checkWrite(sender, { action: "anchor", key });
        const submitter = sender.address;
        const subject: AnchorSubject = { chainId, contract, codeHash: await getCodeHash(), submitter };
        const describe = (transactionHashes: readonly string[]) =>
          getAnchorFacts(endpoints, subject, { transactionHashes, head, confirmations, ...read });

        const earlier = sender.has(key) ? undefined : await findEarlierAnchor(head, submitter, read);
        if (earlier !== undefined) return await describe([earlier]);
        const data = encodeFunctionData({
          abi: proofOfTrainingAbi,
          functionName: "anchor",
          args: [root, head.size],
        });
        const depth = waitForConfirmations ? {} : { confirmations: 1 };
        const deadline = deadlineMs === undefined ? {} : { deadlineMs };
        await onSending?.();
        try {
          const mined = await sender.send(
            { key, purpose: "anchor", to: contract, data, records, ...deadline },
            {
              ...read,
              ...depth,
            },
          );
          return await describe(mined.transactionHashes);
        } catch (error) {
          // A lost journal and an anchor that was mined meanwhile look like this.
          if (!(error instanceof ChainError) || error.kind !== "reverted") throw error;
          const other = await findEarlierAnchor(head, submitter, read);
          if (other === undefined) throw error;
          return await describe([other]);
        }
      }, read);
    },

    async findAnchor(head, { signal } = {}): Promise<EvmAnchorFacts | undefined> {
      const read = { ...(signal && { signal }) };
      return await senders.use("anchor", async (sender) => {
        const transactionHashes = sender.triedHashes(anchorKey(head));
        if (transactionHashes.length === 0) return undefined;
        const subject = { chainId, contract, codeHash: await getCodeHash(), submitter: sender.address };
        return await getAnchorFacts(endpoints, subject, { transactionHashes, head, confirmations, ...read });
      }, read);
    },

    async refresh(facts, options = {}) {
      // The local ledger knows no deeper.
      if (facts.kind === "local") return facts;
      if (facts.chainId !== chainId) {
        throw new UsageError(`Cannot refresh the anchor as it is on ${facts.chainId}, not on ${chainId}`, {
          hint: "set CHAIN_ID and RPC_URL to the anchor's chain",
        });
      }
      return await refreshAnchor(endpoints, facts, { ...options, confirmations });
    },

    async health({ signal } = {}): Promise<ChainHealth> {
      const read = { ...(signal && { signal }) };
      const checks = await Promise.all([
        check("endpoints", async () => `${chainId}, block ${await getBlockNumber(endpoints, read)}`, read),
        check("contract", async () => `${contract}, code ${await calls.getCodeHash(read)}`, read),
        check("writes", async () => {
          if (await calls.getPaused(read)) throw new PotError("the contract is paused");
          return "the contract takes writes";
        }, read),
      ]);
      return { isHealthy: checks.every(({ ok }) => ok), checks };
    },

    async settle({ signal } = {}) {
      if (openSigner === undefined) return;
      await senders.use("see transactions through", async (sender) => {
        signal?.throwIfAborted();
        await sender.tick();
      }, { ...(signal && { signal }) });
    },

    async [Symbol.asyncDispose]() {
      // One that is shared is somebody else's.
      if (shared === undefined) await senders[Symbol.asyncDispose]();
    },
  };
}

/** Runs one health check; its error, always a PotError with redacted text, becomes the detail. */
async function check(name: string, run: () => Promise<string>, { signal }: PoolCallOptions) {
  try {
    return { name, ok: true, detail: await run() };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof PotError)) throw error;
    return {
      name,
      ok: false,
      detail: [error.message, ...error.facts].join("; "),
      ...(error instanceof UnreachableError ? { isUnreachable: true as const } : {}),
    };
  }
}

/** The contract packs ASCII, and what it does with the rest costs the same for every text of that length. */
function storeShape(contract: string, metadata: string): string {
  // deno-lint-ignore no-control-regex -- ASCII is what is meant
  const isAscii = /^[\x00-\x7f]*$/.test(metadata);
  return `store ${contract} ${isAscii ? "ascii" : "utf-8"} ${new TextEncoder().encode(metadata).length}`;
}

function isUint256(text: string): boolean {
  return UINT256.test(text) && BigInt(text) < 1n << 256n;
}

function parseContractAddress(text: string): `0x${string}` {
  try {
    return getAddress(text);
  } catch {
    throw new UsageError("Cannot use the contract as its address is malformed", {
      hint: "CONTRACT_ADDRESS is 0x and 40 hex characters, lowercase or with the right EIP-55 capitals",
    });
  }
}
