import { UnreachableError } from "../core/errors.ts";
import type { ChainClient } from "./chain_client.ts";

const DECIMAL = /^[0-9]+$/;

/**
 * `primary`, and `local` for writes that fail because no endpoint answers: their results say `local`, and the next
 * anchor that reaches the chain covers them. Any other failure is passed on. What was written locally stays there under its UUID,
 * so reads go by the shape of the id.
 */
export function createFallbackClient(primary: ChainClient, local: ChainClient): ChainClient {
  const clientOf = (transactionId: string) => DECIMAL.test(transactionId) ? primary : local;

  async function orLocal<T>(onChain: () => Promise<T>, onLedger: () => Promise<T>): Promise<T> {
    try {
      return await onChain();
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      return await onLedger();
    }
  }

  return {
    kind: primary.kind,
    chainId: primary.chainId,
    storeHash: (hash, metadata, options) =>
      orLocal(
        () => primary.storeHash(hash, metadata, options),
        () => local.storeHash(hash, metadata, options),
      ),
    retrieveHash: (transactionId, options) => clientOf(transactionId).retrieveHash(transactionId, options),
    verifyHash: (hash, transactionId, options) =>
      clientOf(transactionId).verifyHash(hash, transactionId, options),
    anchor: (head, options) =>
      orLocal(() => primary.anchor(head, options), () => local.anchor(head, options)),
    // Not the ledger's: what it took is anchored again as soon as the chain answers.
    findAnchor: (head, options) => primary.findAnchor(head, options),
    // While nobody answers, what was known of an anchor stays what is known.
    refresh: (facts, options) =>
      facts.kind === "evm"
        ? orLocal(() => primary.refresh(facts, options), () => Promise.resolve(facts))
        : local.refresh(facts, options),
    settle: (options) => primary.settle(options),
    lineage: async (options) => await primary.lineage?.(options) ?? [],
    async health(options) {
      const [onChain, onLedger] = await Promise.all([primary.health(options), local.health(options)]);
      return {
        isHealthy: onChain.isHealthy && onLedger.isHealthy,
        checks: [...onChain.checks, ...onLedger.checks],
      };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([primary[Symbol.asyncDispose](), local[Symbol.asyncDispose]()]);
    },
  };
}
