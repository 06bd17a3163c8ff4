import type { SignedHead } from "../core/log_head.ts";
import { rootFromNodes } from "../core/merkle/stored_tree.ts";
import { CorruptFileError } from "../io/corrupt_file_error.ts";
import type { WriteAheadFile } from "../io/write_ahead_file.ts";
import { assertExtends } from "./assert_extends.ts";
import type { CheckpointFile } from "./checkpoint_file.ts";
import { decodeBundle } from "./entry_bundle.ts";
import type { SignHead } from "./log.ts";
import type { LogState } from "./log_state.ts";
import { publishTiles } from "./publish_tiles.ts";
import type { TileStore } from "./tile_store.ts";

export interface MakeCheckpointOptions {
  readonly state: LogState;
  readonly store: TileStore;
  readonly checkpointFile: CheckpointFile;
  /** The signed note over that head. */
  readonly sign: SignHead;
  /** Also sign a size that has a note, which the new one replaces. */
  readonly isReplacing: boolean;
  /** Size from which on a write-ahead file whose entries are all published is replaced by an empty one. */
  readonly writeAheadLimitBytes: number;
}

/**
 * Publishes everything that was appended: tiles and bundles first, then the checkpoint over them, each durable before
 * the next, so that a checkpoint never covers what is not there. Hold the log's lock.
 */
export async function makeCheckpoint(
  { state, store, checkpointFile, sign, isReplacing, writeAheadLimitBytes }: MakeCheckpointOptions,
): Promise<SignedHead | undefined> {
  const file = await state.catchUp();
  const { size } = state.index.mark();
  const published = await checkpointFile.read();
  const isPublished = published?.size === BigInt(size);
  if (size === 0 || (isPublished && !isReplacing)) return published;

  if (!isPublished) {
    const from = Number(published?.size ?? 0n);
    const covered = await publishTiles(store, {
      from,
      entries: entriesFrom(file, state.index.at(from)!.frame),
    });
    if (covered !== size) throw miscount(file.path, covered, size);
  }

  const readNode = store.nodeReader(size);
  if (published !== undefined) await assertExtends(published, { readNode, place: "on disk" });
  const head = { size: BigInt(size), root: await rootFromNodes(BigInt(size), readNode) };
  const signed = await checkpointFile.write(await sign(head, published), head);

  if (file.end > writeAheadLimitBytes) await state.rotate(size);
  return signed;
}

async function* entriesFrom(file: WriteAheadFile, frame: number): AsyncGenerator<Uint8Array, void> {
  for await (const { payload, offset } of file.frames(frame)) {
    const entries = decodeBundle(payload);
    if (entries === undefined) {
      throw new CorruptFileError({
        path: file.path,
        where: `byte ${offset}`,
        found: "no entry bundle in an intact frame",
      });
    }
    for (const { bytes } of entries) yield bytes;
  }
}

function miscount(path: string, covered: number, size: number): CorruptFileError {
  return new CorruptFileError({
    path,
    where: `entry ${covered}`,
    found: `the end of the file, though ${size} entries are indexed`,
  });
}
