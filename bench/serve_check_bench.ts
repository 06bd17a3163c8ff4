/**
 * How fast a published log is checked, and in how much memory: a million records of 500 bytes, all different, made up as they
 * are asked for. Beside it, hashing the same bytes.
 *
 *     deno run -A bench/serve_check_bench.ts [records]
 */
import { signCheckpointNote } from "../lib/core/checkpoint_note.ts";
import { leafHash } from "../lib/core/merkle/leaf_hash.ts";
import { merkleRoot } from "../lib/core/merkle/merkle_root.ts";
import { createRootAccumulator } from "../lib/core/merkle/root_accumulator.ts";
import { generateNoteKey, importNoteSigner } from "../lib/core/note_key.ts";
import { checkServedLog } from "../lib/log/check_served_log.ts";
import { encodeBundle } from "../lib/log/entry_bundle.ts";
import type { ServedFiles } from "../lib/log/served_files.ts";

const size = Number(Deno.args[0] ?? 1_000_000);
const ORIGIN = "pot/bench";
const HASH_BYTES = 32;

function entry(index: number): Uint8Array {
  const bytes = new Uint8Array(500);
  new DataView(bytes.buffer).setFloat64(0, index);
  return bytes;
}

/** Every row of hashes that tiles hold: leaves, roots of 256 of them, and so on. */
const rows: Uint8Array[] = [];
{
  const leaves = new Uint8Array(size * HASH_BYTES);
  for (let i = 0; i < size; i++) leaves.set(leafHash(entry(i)), i * HASH_BYTES);
  for (let row = leaves; row.length > 0;) {
    rows.push(row);
    const above = new Uint8Array(Math.floor(row.length / HASH_BYTES / 256) * HASH_BYTES);
    for (let i = 0; i < above.length; i += HASH_BYTES) {
      above.set(merkleRoot(row.subarray(i * 256, (i + HASH_BYTES) * 256)), i);
    }
    row = above;
  }
}
const accumulator = createRootAccumulator();
accumulator.append(rows[0]!);
const { signerKey, verifierKey } = await generateNoteKey(ORIGIN);
const head = { origin: ORIGIN, size: BigInt(size), root: accumulator.root() };
const note = new TextEncoder().encode(await signCheckpointNote(head, await importNoteSigner(signerKey)));

const files: ServedFiles = {
  name: "memory",
  get(path) {
    if (path === "checkpoint") return Promise.resolve({ isFound: true, bytes: note });
    const [, level, place, width = "256"] = /^tile\/([^/]+)\/(.*?)(?:\.p\/(\d+))?$/.exec(path)!;
    const from = Number(place!.replaceAll(/[x/]/g, "")) * 256;
    const count = Number(width);
    const bytes = level === "entries"
      ? encodeBundle(Array.from({ length: count }, (_, i) => entry(from + i)))
      : rows[Number(level)]!.subarray(from * HASH_BYTES, (from + count) * HASH_BYTES);
    return Promise.resolve({ isFound: true, bytes });
  },
};

let startMs = performance.now();
for (let i = 0; i < size; i++) leafHash(entry(i));
const hashingMs = performance.now() - startMs;

const before = Deno.memoryUsage().rss;
let most = before;
startMs = performance.now();
const { problems, entryCount, fileCount, isComplete } = await checkServedLog(files, {
  keys: [{ verifierKey, from: 0n }],
  onProgress: () => most = Math.max(most, Deno.memoryUsage().rss),
});
const checkingMs = performance.now() - startMs;
if (problems.length > 0 || !isComplete || entryCount !== size) throw new Error("the log does not pass");
const rate = (ms: number) => `${Math.round(size / ms * 1_000)} records/s`;
console.log(`checked ${entryCount} records in ${fileCount} files: ${rate(checkingMs)}`);
console.log(
  `hashing the same bytes: ${rate(hashingMs)}, ${(checkingMs / hashingMs).toFixed(2)} times as fast`,
);
console.log(`memory: ${((most - before) / 1e6).toFixed(0)} MB more than before`);
