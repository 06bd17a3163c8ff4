import { PotError, UsageError } from "../core/errors.ts";
import type { SignedHead } from "../core/log_head.ts";
import {
  consistencyPathFromNodes,
  inclusionPathFromNodes,
  rangesFromNodes,
  rootFromNodes,
} from "../core/merkle/stored_tree.ts";
import type { Log } from "./log.ts";
import type { TileReader } from "./tile_reader.ts";

/** The reads that need tiles. */
export type TreeReads = Pick<Log, "headAt" | "inclusionPath" | "consistencyPath" | "subtreeHashes">;

export interface TreeReadsOptions extends Pick<TileReader, "nodeReader"> {
  /** A published checkpoint that covers `size`, or the newest one where none does. */
  readonly publishedFor: (size: bigint) => Promise<SignedHead | undefined>;
}

/** Heads and proofs of a log from its tiles, for every size that a published checkpoint covers. */
export function createTreeReads({ publishedFor, nodeReader }: TreeReadsOptions): TreeReads {
  async function readerFor(size: bigint) {
    const head = await publishedFor(size);
    if (head !== undefined && head.size >= size) return nodeReader(Number(head.size));
    throw new PotError("Cannot compute the tree as no checkpoint covers that size yet", {
      facts: [`size: ${size}`, `published: ${head?.size ?? 0n}`],
      hint: "make a checkpoint first: pot anchor does",
    });
  }

  return {
    async headAt(size) {
      if (size < 1n) {
        throw new UsageError("Cannot give the head of an empty tree", { facts: [`size: ${size}`] });
      }
      return { size, root: await rootFromNodes(size, await readerFor(size)) };
    },
    inclusionPath: async (index, size) => inclusionPathFromNodes(index, size, await readerFor(size)),
    consistencyPath: async (oldSize, newSize) =>
      consistencyPathFromNodes(oldSize, newSize, await readerFor(newSize)),
    async subtreeHashes(ranges) {
      const end = ranges.reduce((most, { start, width }) => start + width > most ? start + width : most, 0n);
      return await rangesFromNodes(ranges, await readerFor(end));
    },
  };
}
