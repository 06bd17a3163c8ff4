import type { StoredHash } from "../chain/chain_client.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { openJsonLinesFile } from "../io/json_lines_file.ts";

/**
 * Which records were stored one by one (`anchoring: "each"`) and where, kept in `stored.jsonl`. What only the local ledger took is not
 * here: it still has to reach the chain.
 */
export interface StoredHashes extends Disposable {
  /** The first index, from 0, that is not stored in that scope (chain and contract). */
  firstMissing(scope: string): Promise<bigint>;
  /** Notes that the record at `index` is stored. Durable when it resolves. */
  put(scope: string, index: bigint, stored: StoredHash): Promise<void>;
}

/** Opens (and creates) the list at `path`. */
export async function openStoredHashes(
  path: string,
  { files }: { readonly files: FileLayer },
): Promise<StoredHashes> {
  const lines = await openJsonLinesFile(path, { files });
  const next = new Map<string, bigint>();

  async function catchUp(): Promise<void> {
    for (const { value } of await lines.readNew()) {
      const { scope, index } = value as { scope: string; index: string };
      if (BigInt(index) === (next.get(scope) ?? 0n)) next.set(scope, BigInt(index) + 1n);
    }
  }

  return {
    async firstMissing(scope) {
      await catchUp();
      return next.get(scope) ?? 0n;
    },
    async put(scope, index, { transactionId, transactionHash, hash }) {
      using _lock = await files.lock(`${path}.lock`);
      await lines.append([{
        schema: "pot-stored/1",
        scope,
        index: String(index),
        hash,
        transactionId,
        transactionHash,
      }]);
    },
    [Symbol.dispose]: () => lines.close(),
  };
}
