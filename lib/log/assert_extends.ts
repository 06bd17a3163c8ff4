import { equalBytes } from "../core/equal_bytes.ts";
import { PotError } from "../core/errors.ts";
import type { LogHead } from "../core/log_head.ts";
import { type NodeReader, rootFromNodes } from "../core/merkle/stored_tree.ts";

/**
 * The last line of defence against signing a second history: damaged tiles would give another root.
 *
 * @throws {PotError} when the tiles do not give the root of the checkpoint that was published
 */
export async function assertExtends(
  published: LogHead,
  { readNode, place }: { readonly readNode: NodeReader; readonly place: "on disk" | "in PostgreSQL" },
): Promise<void> {
  if (equalBytes(await rootFromNodes(published.size, readNode), published.root)) return;
  throw new PotError(`Cannot sign a checkpoint as the tiles ${place} contradict the published one`, {
    facts: [`published size: ${published.size}`],
    hint: place === "on disk"
      ? "check the disk, and restore the log's tile folder from a backup"
      : "check the server, and restore the database from a backup",
  });
}
