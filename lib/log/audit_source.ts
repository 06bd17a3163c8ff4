import type { TileName } from "./tile_path.ts";

/**
 * A stored log as an audit reads it: everything as of one moment, by means of its own, so that neither a mistake nor a
 * cache of the code that writes the log can hide what is on the disk.
 *
 * An implementation MUST change nothing, MUST NOT throw for damage (it reports that), and MUST answer the same however
 * much is appended meanwhile.
 */
export interface AuditSource {
  /** Records that have tiles and bundles: those that the published checkpoint covers. */
  readonly publishedSize: number;
  /** About how many records there are, for the progress. */
  readonly expectedSize: number;
  /** Every checkpoint that is kept, the newest last. */
  checkpoints(): AsyncIterable<StoredCheckpoint>;
  /** All entries in order, up to 256 at a time; each batch but the last begins at a multiple of 256 and is full. */
  batches(): AsyncIterable<StoredBatch>;
  /** Every version that is kept of a tile above level 0, the one that counts first. Reports what is missing or has a wrong length. */
  tileVersions(name: TileName & { readonly level: number }, width: number): Promise<readonly StoredTile[]>;
  /** Compares what is kept beside a batch (ids, event keys, runs) with what its entries say: nothing of those that are gone or no records. Called batch by batch. */
  compareIndex(batch: StoredBatch, records: readonly (DerivedRecord | undefined)[]): void;
  /** Compares what is kept of all entries together, once `size` of them were seen. */
  finish(size: number): Promise<void>;
  /** A tile's first `width` stored hashes, end to end; `undefined` where they cannot be read, which is reported elsewhere. */
  readTile(name: TileName & { readonly level: number }, width: number): Promise<Uint8Array | undefined>;
  /** Where the index finds a record with that id (64 lowercase hex characters). */
  find(id: string): Promise<number | undefined>;
}

/** One checkpoint as it is kept. */
export interface StoredCheckpoint {
  /** A path, or a row. */
  readonly where: string;
  readonly note: string;
  /** What stands beside the note; `undefined` where only the note is kept. */
  readonly beside?: { readonly size: bigint; readonly root: Uint8Array };
}

/** Hashes of one tile as they are kept. */
export interface StoredTile {
  readonly where: string;
  /** 32 bytes each. */
  readonly hashes: Uint8Array;
}

/** Up to 256 entries as they are kept. */
export interface StoredBatch {
  /** Position of the first. */
  readonly first: number;
  /** Where the one in that slot is kept: a path or a table. */
  readonly where: (slot: number) => string;
  /** `undefined` for one that is gone. */
  readonly entries: readonly (Uint8Array | undefined)[];
  /** How many of them, from the first on, the published checkpoint covers. */
  readonly publishedCount: number;
  /** The stored leaf hashes of those, end to end; `undefined` where the tile cannot be read. */
  readonly leafHashes: Uint8Array | undefined;
  /** Other versions of that tile that are kept: shorter ones, and those of a later checkpoint. */
  readonly otherTiles: readonly StoredTile[];
  /** Id and run that the index has for the entry in that slot, looked up when it is wanted; `undefined` where it has none. */
  readonly indexed: (slot: number) => IndexedEntry | undefined;
}

/** What an index says of one entry. */
export interface IndexedEntry {
  /** 32 bytes. */
  readonly id: Uint8Array;
  readonly runId: string | undefined;
}

/** What one entry says of itself. */
export interface DerivedRecord {
  /** Leaf hash, 32 bytes. */
  readonly id: Uint8Array;
  /** 32 bytes. */
  readonly eventKey: Uint8Array;
  readonly runId: string;
}
