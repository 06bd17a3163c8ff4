import { getAddress } from "viem/utils";
import { UnreachableError } from "../core/errors.ts";
import type { SignedHead } from "../core/log_head.ts";
import type { AnchorFacts, AnchorOptions, ChainClient, ReadOptions } from "./chain_client.ts";
import { ChainError } from "./chain_error.ts";
import { getPredecessors, getSuccessors } from "./contract_links.ts";
import { findAnchorTransaction, getAnchorFacts } from "./evm_anchor.ts";
import { createEvmClient, type EvmClientOptions } from "./evm_client.ts";
import { openClientSender } from "./open_client_sender.ts";
import { getCodeHash } from "./run_deployment.ts";
import { createSharedSender } from "./shared_sender.ts";

/** What a client that follows a retired contract's link is made of. */
export interface FollowingClientOptions extends EvmClientOptions {
  /** Told once, when writes begin to go to another contract than the configured one. */
  readonly onFollow?: (link: { readonly from: string; readonly to: string }) => void;
}

/**
 * The chain client of the ProofOfTraining contract on an EVM chain; it follows the link of a retired contract: what the configured contract refuses as it is retired is written to its
 * successor, in this call and from then on. Reads by id stay with the configured contract, where those ids were given out, unless another
 * one is named. Nothing is asked and no key is opened until it is needed; all contracts share one sender, and so the journal's lock,
 * which is held while a write is under way.
 *
 * @throws UsageError when the contract's address is malformed.
 *
 * @example
 * ```ts
 * import { createEndpointPool, createEvmClient, denoFiles, systemClock } from "@pot/ops";
 * await using client = createEvmClient({
 *   endpoints: createEndpointPool({ urls: ["http://127.0.0.1:8545"], chainId: 31337, clock: systemClock }),
 *   contract: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
 *   confirmations: 1,
 *   feePolicy: { capWei: 100_000_000_000n },
 *   journalFolder: ".pot/journal",
 *   files: denoFiles,
 *   clock: systemClock,
 *   randomUuid: () => crypto.randomUUID(),
 * });
 * console.log(client.chainId); // eip155:31337
 * ```
 */
export function createFollowingClient(options: FollowingClientOptions): ChainClient {
  const { endpoints, onFollow, clock } = options;
  const senders = createSharedSender({ open: (action) => openClientSender(options, action), clock });
  const clients = new Map<string, ChainClient>();
  const clientOf = (contract: `0x${string}`): ChainClient => {
    const known = clients.get(contract.toLowerCase());
    if (known !== undefined) return known;
    const client = createEvmClient({ ...options, contract }, senders);
    clients.set(contract.toLowerCase(), client);
    return client;
  };
  const configured = clientOf(options.contract);
  let target = options.contract;

  /** The contract that takes writes by now: asked only where the one before has refused them. */
  async function follow(read: ReadOptions): Promise<boolean> {
    const next = (await getSuccessors(endpoints, target, read)).at(-1);
    if (next === undefined) return false;
    target = next;
    onFollow?.({ from: getAddress(options.contract), to: next });
    return true;
  }

  async function write<T>(read: ReadOptions, send: (client: ChainClient) => Promise<T>): Promise<T> {
    try {
      return await send(clientOf(target));
    } catch (error) {
      const isRefused = error instanceof ChainError && error.kind === "reverted";
      if (!isRefused || !await follow(read)) throw error;
      return await send(clientOf(target));
    }
  }

  /**
   * An anchor of exactly that head in a contract whose place the target took, where our own notes of it are lost: the target counts
   * its size as anchored, and has no event of it.
   */
  async function findInherited(head: SignedHead, read: ReadOptions): Promise<AnchorFacts | undefined> {
    const submitter = await senders.use("anchor", ({ address }) => Promise.resolve(address), read);
    for (const contract of await getPredecessors(endpoints, target, read)) {
      const codeHash = await getCodeHash(endpoints, contract, { ...read, block: "latest" });
      const found = await findAnchorTransaction(endpoints, { contract, submitter }, head, read).catch(
        ignoreUnfound,
      );
      if (found === undefined || codeHash === undefined) continue;
      const subject = { chainId: configured.chainId, contract, codeHash, submitter };
      const { confirmations } = options;
      return await getAnchorFacts(endpoints, subject, {
        ...read,
        transactionHashes: [found],
        head,
        confirmations,
      });
    }
    return undefined;
  }

  async function anchorAt(client: ChainClient, head: SignedHead, given: AnchorOptions): Promise<AnchorFacts> {
    try {
      return await client.anchor(head, given);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      const inherited = await findInherited(head, signalOf(given)).catch(ignoreUnfound);
      if (inherited === undefined) throw error;
      return inherited;
    }
  }

  const reader = (contract: string | undefined) =>
    contract === undefined ? configured : clientOf(contract as `0x${string}`);

  return {
    kind: configured.kind,
    chainId: configured.chainId,
    storeHash(hash, metadata, given = {}) {
      // One key for both, so that the write is one, whichever contract takes it.
      const { key = options.randomUuid() } = given;
      return write(signalOf(given), (client) => client.storeHash(hash, metadata, { ...given, key }));
    },
    retrieveHash: (transactionId, { contract, ...read } = {}) =>
      reader(contract).retrieveHash(transactionId, read),
    verifyHash: (hash, transactionId, { contract, ...read } = {}) =>
      reader(contract).verifyHash(hash, transactionId, read),
    anchor: (head, given = {}) => write(signalOf(given), (client) => anchorAt(client, head, given)),
    async findAnchor(head, read = {}): Promise<AnchorFacts | undefined> {
      const found = await clientOf(target).findAnchor(head, read);
      if (found !== undefined) return found;
      for (const contract of await getSuccessors(endpoints, options.contract, read)) {
        const later = await clientOf(contract).findAnchor(head, read);
        if (later !== undefined) return later;
      }
      return target === options.contract ? undefined : await configured.findAnchor(head, read);
    },
    refresh: (facts, given) => configured.refresh(facts, given),
    settle: (read) => configured.settle(read),
    async lineage(read = {}) {
      const own = getAddress(options.contract);
      const before = await getPredecessors(endpoints, own, read);
      return [...before, own, ...await getSuccessors(endpoints, own, read)];
    },
    async health(read = {}) {
      const own = await clientOf(target).health(read);
      const mayBeRetired = own.checks.some(({ name, ok, isUnreachable }) =>
        name === "writes" && !ok && isUnreachable !== true
      );
      if (target === options.contract && !(mayBeRetired && await follow(read))) return own;
      const { isHealthy, checks } = mayBeRetired ? await clientOf(target).health(read) : own;
      const detail = `${
        getAddress(options.contract)
      } was retired; writes go to ${target}: set CONTRACT_ADDRESS`;
      return { isHealthy, checks: [...checks, { name: "successor", ok: true, detail }] };
    },
    [Symbol.asyncDispose]: () => senders[Symbol.asyncDispose](),
  };
}

/** Not being found is no failure here: the first error is the one to report. */
function ignoreUnfound(error: unknown): undefined {
  if (error instanceof UnreachableError) return undefined;
  throw error;
}

function signalOf({ signal }: ReadOptions): ReadOptions {
  return signal === undefined ? {} : { signal };
}
