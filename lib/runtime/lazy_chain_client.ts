import type { ChainClient } from "../chain/chain_client.ts";

export interface LazyChainClientOptions {
  readonly kind: ChainClient["kind"];
  readonly chainId: string;
  /** Called at the first use, at most once while it succeeds. */
  readonly open: () => Promise<ChainClient>;
}

/** A chain client that is opened by its first use, so that commands that only touch the log never load an EVM library. */
export function createLazyChainClient({ kind, chainId, open }: LazyChainClientOptions): ChainClient {
  let opening: Promise<ChainClient> | undefined;
  const client = () => {
    opening ??= open().catch((error) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  return {
    kind,
    chainId,
    storeHash: async (hash, metadata, options) => await (await client()).storeHash(hash, metadata, options),
    retrieveHash: async (transactionId, options) =>
      await (await client()).retrieveHash(transactionId, options),
    verifyHash: async (hash, transactionId, options) =>
      await (await client()).verifyHash(hash, transactionId, options),
    anchor: async (head, options) => await (await client()).anchor(head, options),
    findAnchor: async (head, options) => await (await client()).findAnchor(head, options),
    refresh: async (facts, options) => await (await client()).refresh(facts, options),
    lineage: async (options) => await (await client()).lineage?.(options) ?? [],
    settle: async (options) => await (await client()).settle(options),
    health: async (options) => await (await client()).health(options),
    async [Symbol.asyncDispose]() {
      if (opening !== undefined) await (await opening)[Symbol.asyncDispose]();
    },
  };
}
