import type { StoredHash } from "../chain/chain_client.ts";
import { PotError } from "../core/errors.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { shareLines } from "./shared_lines.ts";

/**
 * Which records were stored one by one (`anchoring: "each"`) and where, kept in `stored.jsonl`. What only the local ledger took is not
 * here: it still has to reach the chain.
 */
export interface StoredHashes extends Disposable {
  /** The first index, from 0, that is stored in none of those scopes (chain and contract). */
  firstMissing(scopes: readonly string[]): Promise<bigint>;
  /** Every scope in which something is stored. */
  scopes(): Promise<readonly string[]>;
  /** Notes that the record at `index` is stored. Durable when it resolves. */
  put(scope: string, index: bigint, stored: StoredHash): Promise<void>;
}

/** What is stored in one scope: everything before `next`, and what was noted out of order. */
interface Stored {
  next: bigint;
  readonly later: Set<bigint>;
}

/** Opens (and creates) the list at `path`. */
export function openStoredHashes(
  path: string,
  { files }: { readonly files: FileLayer },
): Promise<StoredHashes> {
  const scopes = new Map<string, Stored>();
  const lines = shareLines(path, {
    files,
    reset: () => scopes.clear(),
    apply({ line, value }) {
      const { scope, index } = readLine(value, `${path}, line ${line}`);
      const known = scopes.get(scope) ?? { next: 0n, later: new Set() };
      scopes.set(scope, known);
      if (index >= known.next) known.later.add(index);
      while (known.later.delete(known.next)) known.next++;
    },
  });
  return Promise.resolve({
    async firstMissing(wanted) {
      await lines.catchUp();
      const known = wanted.flatMap((scope) => scopes.get(scope) ?? []);
      let first = 0n;
      while (known.some(({ next, later }) => next > first || later.has(first))) {
        first = known.reduce((most, { next }) => (next > most ? next : most), first + 1n);
      }
      return first;
    },
    async scopes() {
      await lines.catchUp();
      return [...scopes.keys()];
    },
    async put(scope, index, stored) {
      const line = encodeStored(scope, index, stored);
      const isKnown = () => {
        const known = scopes.get(scope);
        return known !== undefined && (index < known.next || known.later.has(index));
      };
      await lines.append(() => isKnown() ? undefined : line);
    },
    [Symbol.dispose]: () => lines[Symbol.dispose](),
  });
}

/** A record's place in the contract as one line of `stored.jsonl`. */
export function encodeStored(
  scope: string,
  index: bigint,
  { transactionId, transactionHash, hash }: Pick<StoredHash, "transactionId" | "transactionHash" | "hash">,
): unknown {
  return { schema: "pot-stored/1", scope, index: String(index), hash, transactionId, transactionHash };
}

function readLine(value: unknown, where: string): { readonly scope: string; readonly index: bigint } {
  const { schema, scope, index } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const isIndex = typeof index === "string" && /^(?:0|[1-9][0-9]{0,18})$/.test(index);
  if (schema === "pot-stored/1" && typeof scope === "string" && isIndex) {
    return { scope, index: BigInt(index) };
  }
  throw new PotError("Cannot read the list of stored hashes as a line is not one of its entries", {
    facts: [`at: ${where}`],
    hint: "restore the file from a backup; without it every record is looked up and stored again",
  });
}
