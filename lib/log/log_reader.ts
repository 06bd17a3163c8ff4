import { join } from "node:path";
import { equalBytes } from "../core/equal_bytes.ts";
import { fromHex } from "../core/hex.ts";
import type { SignedHead } from "../core/log_head.ts";
import { leafHash } from "../core/merkle/leaf_hash.ts";
import { CorruptFileError } from "../io/corrupt_file_error.ts";
import type { FileLayer } from "../io/file_layer.ts";
import type { CheckpointFile } from "./checkpoint_file.ts";
import type { Log } from "./log.ts";
import type { LogIndex } from "./log_index.ts";
import { TILE_WIDTH } from "./tile_path.ts";
import type { TileStore } from "./tile_store.ts";
import { createTreeReads } from "./tree_reads.ts";

/** The part of a log that changes nothing. */
export type LogReader = Pick<
  Log,
  | "size"
  | "publishedCheckpoint"
  | "headAt"
  | "entry"
  | "entries"
  | "find"
  | "inclusionPath"
  | "consistencyPath"
  | "subtreeHashes"
  | "runs"
  | "runIndices"
>;

export interface LogReaderOptions {
  readonly files: FileLayer;
  readonly index: LogIndex;
  readonly store: TileStore;
  readonly checkpointFile: CheckpointFile;
}

/**
 * How often an entry is looked for again, when others published and replaced the write-ahead file meanwhile. Each
 * try sees a later checkpoint, and only an entry that it does not cover can be missed again.
 */
const TRIES = 5;

/** Reads beside writers, in this process or others, without a lock. Nothing it shows can be lost in a power cut. */
export function createLogReader(
  folder: string,
  { files, index, store, checkpointFile }: LogReaderOptions,
): LogReader {
  /** The latest checkpoint seen. It only grows, so it stays good for every size it covers. */
  let published: SignedHead | undefined;

  async function publishedCheckpoint(): Promise<SignedHead | undefined> {
    published = await checkpointFile.read();
    return published;
  }

  /** The latest seen is good for every size it covers. */
  async function publishedFor(size: bigint): Promise<SignedHead | undefined> {
    return published !== undefined && published.size >= size ? published : await publishedCheckpoint();
  }

  async function fromBundle(position: number, size: number): Promise<Uint8Array> {
    const bundle = Math.floor(position / TILE_WIDTH);
    const width = Math.min(TILE_WIDTH, size - bundle * TILE_WIDTH);
    return (await store.readBundle(bundle, width))[position % TILE_WIDTH]!;
  }

  async function fromWriteAhead(offset: number, lengthBytes: number): Promise<Uint8Array> {
    const file = await files.open(join(folder, "write-ahead"), { create: false });
    try {
      return await file.readAt(offset, lengthBytes);
    } finally {
      file.close();
    }
  }

  async function entry(position: number): Promise<Uint8Array | undefined> {
    for (let tries = 0; tries < TRIES; tries++) {
      const place = index.at(position);
      if (place === undefined) return undefined;
      const isPublished = published !== undefined && BigInt(position) < published.size;
      const bytes = isPublished
        ? await fromBundle(position, Number(published!.size))
        : await fromWriteAhead(place.offset, place.lengthBytes);
      if (equalBytes(leafHash(bytes), place.id)) return bytes.slice();
      if (isPublished) break;
      await publishedCheckpoint();
    }
    throw new CorruptFileError({
      path: folder,
      where: `entry ${position}`,
      found: "bytes that do not hash to its id",
    });
  }

  return {
    publishedCheckpoint,
    ...createTreeReads({ publishedFor, nodeReader: store.nodeReader }),
    // deno-lint-ignore require-await
    async size() {
      return BigInt(index.mark().size);
    },
    async entry(position) {
      return position < 0n ? undefined : await entry(Number(position));
    },
    async *entries(from, to) {
      for (let position = from; position < to; position++) {
        const bytes = await entry(Number(position));
        if (bytes === undefined) return;
        yield bytes;
      }
    },
    // deno-lint-ignore require-await
    async find(id) {
      const hash = fromHex(id, 32);
      const position = hash && index.findId(hash);
      return position === undefined ? undefined : BigInt(position);
    },
    // deno-lint-ignore require-await
    async runs() {
      return index.runs();
    },
    // deno-lint-ignore require-await
    async runIndices(runId) {
      return index.runPositions(runId).map(BigInt);
    },
  };
}
