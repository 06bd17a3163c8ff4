import { dirname, join } from "node:path";
import { equalBytes } from "../core/equal_bytes.ts";
import { toHex } from "../core/hex.ts";
import { leafHash } from "../core/merkle/leaf_hash.ts";
import type { FileLayer } from "../io/file_layer.ts";
import type { FindingCollector } from "./audit_findings.ts";
import type { StoredTile } from "./audit_source.ts";
import { diffLeaves } from "./diff_leaves.ts";
import { MAX_ENTRY_BYTES } from "./entry_bundle.ts";
import { partialsPath, TILE_WIDTH, type TileName, tilePath } from "./tile_path.ts";

/** Reads tiles and bundles for an audit: every version of each, and no cache in between. */
export interface AuditTileFiles {
  /** Every version of a tile, first the one that readers take; none where it is gone, which is reported. */
  hashes(name: TileName, width: number): Promise<readonly StoredTile[]>;
  /** A bundle's first `width` entries; `leafHashes` are those of its tile, to tell what was done to it. */
  entries(index: number, width: number, leafHashes: Uint8Array | undefined): Promise<ReadBundle>;
}

export interface ReadBundle {
  readonly where: string;
  /** `undefined` where one is gone. */
  readonly entries: readonly (Uint8Array | undefined)[];
  readonly isMissing: boolean;
}

export interface AuditTileFilesOptions {
  readonly files: FileLayer;
  readonly findings: FindingCollector;
}

const HASH_BYTES = 32;
const MAX_BUNDLE_BYTES = TILE_WIDTH * (2 + MAX_ENTRY_BYTES);

interface Version {
  readonly where: string;
  readonly width: number;
  readonly bytes: Uint8Array;
}

export function createAuditTileFiles(
  folder: string,
  { files, findings }: AuditTileFilesOptions,
): AuditTileFiles {
  /** Names in the folder of a level that was looked at last: a thousand tiles stand in one. */
  const listed = new Map<TileName["level"], { readonly path: string; readonly names: ReadonlySet<string> }>();

  async function hasPartials(name: TileName): Promise<boolean> {
    const path = partialsPath(name);
    const parent = dirname(path);
    if (listed.get(name.level)?.path !== parent) {
      const entries = await files.list(join(folder, parent));
      const names = new Set(entries.filter(({ isFolder }) => isFolder).map((entry) => entry.name));
      listed.set(name.level, { path: parent, names });
    }
    return listed.get(name.level)!.names.has(path.slice(parent.length + 1));
  }

  /** What is kept of a tile; of a file that is gone by now, as its full version took its place, nothing. */
  async function versions(name: TileName, width: number): Promise<readonly Version[]> {
    const widths = new Set([width, TILE_WIDTH]);
    if (width < TILE_WIDTH || await hasPartials(name)) {
      for (const entry of await files.list(join(folder, partialsPath(name)))) {
        if (entry.isFile && /^[1-9][0-9]{0,2}$/.test(entry.name)) widths.add(Number(entry.name));
      }
    }
    const found: Version[] = [];
    for (const version of widths) {
      const path = tilePath(name, version);
      // Whatever is longer cannot be right, and need not be read whole.
      const bytes = await readStart(join(folder, path), MAX_BUNDLE_BYTES + 1);
      if (bytes !== undefined) found.push({ where: `log/${path}`, width: version, bytes });
    }
    const isSure = found[0] !== undefined && [width, TILE_WIDTH].includes(found[0].width);
    return isSure ? found : [];
  }

  /** Read here and not by `files.read`, which has other threads allocate: that memory comes back late, or never. */
  async function readStart(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    if (await files.stat(path) === undefined) return undefined;
    const file = await orGone(files.open(path, { create: false, readOnly: true }));
    try {
      return await file?.readAt(0, Math.min((await file.stat()).sizeBytes, maxBytes));
    } finally {
      file?.close();
    }
  }

  function missing(code: "tile-missing" | "bundle-missing", name: TileName, width: number): string {
    const where = `log/${tilePath(name, width)}`;
    findings.add(code, where, "there is no such file, though the checkpoint covers it");
    return where;
  }

  return {
    async hashes(name, width) {
      const found = await versions(name, width);
      if (found.length === 0) missing("tile-missing", name, width);
      return found.flatMap(({ where, width: version, bytes }, i) => {
        const expected = version * HASH_BYTES;
        if (bytes.length !== expected) {
          findings.add("tile-damaged", where, `it has ${bytes.length} bytes in place of ${expected}`);
        }
        if (bytes.length < expected && i === 0) return [];
        return [{ where, hashes: bytes.subarray(0, i === 0 ? width * HASH_BYTES : expected) }];
      });
    },

    async entries(index, width, leafHashes) {
      const name: TileName = { level: "entries", index };
      const [first, ...others] = await versions(name, width);
      if (first === undefined) {
        const where = missing("bundle-missing", name, width);
        return { where, entries: Array.from({ length: width }, () => undefined), isMissing: true };
      }
      const read = readEntries(first, { width, leafHashes, findings, firstLeaf: index * TILE_WIDTH });
      for (const other of others) compareVersions(read, other, findings);
      return { where: first.where, entries: read, isMissing: false };
    },
  };
}

/** A partial tile may be removed between two looks. */
async function orGone<T>(opening: Promise<T>): Promise<T | undefined> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

interface ReadEntriesOptions {
  readonly width: number;
  readonly leafHashes: Uint8Array | undefined;
  readonly findings: FindingCollector;
  readonly firstLeaf: number;
}

/** The first `width` entries, each in its place, as far as the tile's hashes tell where an entry was dropped or added. */
function readEntries(
  { where, width: version, bytes }: Version,
  { width, leafHashes, findings, firstLeaf }: ReadEntriesOptions,
): readonly (Uint8Array | undefined)[] {
  const { entries, cutAt } = decodeWhatIsThere(bytes);
  if (entries.length === version && cutAt === undefined) return entries.slice(0, width);
  const detail = cutAt === undefined
    ? `it holds ${entries.length} entries in place of ${version}`
    : `it is cut off at byte ${cutAt}, within entry ${entries.length} of ${version}`;
  findings.add("bundle-damaged", where, detail);
  if (leafHashes === undefined || entries.length > 2 * TILE_WIDTH) {
    return Array.from({ length: width }, (_, slot) => entries[slot]);
  }
  const expected = Array.from({ length: width }, (_, slot) => hexAt(leafHashes, slot));
  const found = entries.map((entry) => toHex(leafHash(entry)));
  // Of a full bundle that is newer than the checkpoint, nothing behind it is known.
  const known = version > width ? found.slice(0, Math.min(found.length, width)) : found;
  const { changes, foundAt } = diffLeaves(expected, known);
  for (const { kind, slot } of changes) {
    const leaf = `${where}, leaf ${firstLeaf + slot}`;
    if (kind === "missing") findings.add("entry-missing", leaf, `the record ${expected[slot]} is not in it`);
    if (kind === "added") {
      findings.add("entry-added", leaf, "a record stands before it that the tile has no hash of");
    }
  }
  return foundAt.map((at) => at === undefined ? undefined : entries[at]);
}

function decodeWhatIsThere(
  bundle: Uint8Array,
): { entries: readonly Uint8Array[]; cutAt: number | undefined } {
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bundle.length;) {
    const start = at + 2;
    const end = start > bundle.length ? Infinity : start + view.getUint16(at);
    if (end > bundle.length) return { entries, cutAt: bundle.length };
    entries.push(bundle.subarray(start, end));
    at = end;
  }
  return { entries, cutAt: undefined };
}

/** A version that is not read any more must still be the beginning of the one that is, or its continuation. */
function compareVersions(
  read: readonly (Uint8Array | undefined)[],
  { where, width, bytes }: Version,
  findings: FindingCollector,
): void {
  const { entries, cutAt } = decodeWhatIsThere(bytes);
  if (cutAt !== undefined || entries.length !== width) {
    findings.add("bundle-damaged", where, `it holds ${entries.length} whole entries in place of ${width}`);
  }
  const slot = entries.findIndex((entry, i) => read[i] !== undefined && !equalBytes(entry, read[i]));
  if (slot >= 0) findings.add("bundle-differs", where, `entry ${slot} is another than in the newer version`);
}

function hexAt(hashes: Uint8Array, slot: number): string {
  return toHex(hashes.subarray(slot * HASH_BYTES, (slot + 1) * HASH_BYTES));
}
