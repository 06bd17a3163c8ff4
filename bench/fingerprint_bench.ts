/**
 * Fingerprints at disk speed: one large file in the file cache against `openssl dgst -sha256`, and the same bytes as eight shards
 * in a folder against one openssl process. Whole processes on both sides, in turn; medians.
 *
 * deno run -A bench/fingerprint_bench.ts [--size-mib 4096] [--rounds 5] [--folder <where to write>] [--worker-start]
 *
 * `--worker-start` prints instead what WORKER_BYTES in lib/io/hash_files.ts rests on.
 */
import { statfsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadavg } from "node:os";
import { parseArgs } from "@std/cli";
import { digestFile } from "../lib/io/digest_file.ts";
import { digestFolder } from "../lib/io/digest_folder.ts";
import { hashFiles } from "../lib/io/hash_files.ts";
import { formatTable, median, peakMemoryBytes } from "./measure.ts";

const MIB = 1024 * 1024;
const SHARDS = 8;
const BAR_FILE = 0.9;
const BAR_SHARDS = 1.5;
const BAR_PEAK_BYTES = 250e6;

const args = parseArgs(Deno.args, {
  string: ["child", "folder", "size-mib", "rounds"],
  boolean: ["worker-start"],
  default: { "size-mib": "4096", rounds: "5" },
});
if (args.child !== undefined) await runChild(args.child);
else await inFolder(args["worker-start"] ? compareWorkerStart : compareWithOpenssl);

/** One process of ours, so that its peak memory is that of the work alone. */
async function runChild(path: string): Promise<void> {
  const { isDirectory } = await Deno.stat(path);
  const { digest } = isDirectory ? await digestFolder(path) : await digestFile(path);
  console.log(JSON.stringify({ digest, peakBytes: peakMemoryBytes() }));
}

async function compareWithOpenssl(folder: string): Promise<void> {
  const sizeBytes = Number(args["size-mib"]) * MIB;
  const rounds = Number(args.rounds);
  requireSpace(folder, sizeBytes);
  console.log(`${sizeBytes / MIB} MiB, ${navigator.hardwareConcurrency} cores, ${rounds} rounds in turn`);

  const file = join(folder, "model.bin");
  await writeRandom(file, sizeBytes);
  const one = await measure(file, [file], rounds);
  await Deno.remove(file);

  const shards = Array.from(
    { length: SHARDS },
    (_, i) => join(folder, "shards", `model-${i + 1}-of-${SHARDS}.bin`),
  );
  await Deno.mkdir(join(folder, "shards"));
  for (const shard of shards) await writeRandom(shard, sizeBytes / SHARDS);
  const many = await measure(join(folder, "shards"), shards, rounds);

  const row = (name: string, { ourMs, opensslMs, peakBytes, load }: Measured, bar: number) => {
    const ratio = median(opensslMs) / median(ourMs);
    const gigabytes = (ms: readonly number[]) => (sizeBytes / 1e6 / median(ms)).toFixed(2);
    return [
      name,
      gigabytes(ourMs),
      gigabytes(opensslMs),
      ratio.toFixed(2),
      `${bar} ${ratio >= bar ? "met" : "MISSED"}`,
    ]
      .concat((peakBytes / 1e6).toFixed(0), load.map((value) => value.toFixed(1)).join(" to "));
  };
  console.log(formatTable([
    ["", "pot GB/s", "openssl GB/s", "ratio", "bar", "peak MB", "load average"],
    row("one file", one, BAR_FILE),
    row(`${SHARDS} shards`, many, BAR_SHARDS),
  ]));
  const peakBytes = Math.max(one.peakBytes, many.peakBytes);
  console.log(
    `peak memory ${(peakBytes / 1e6).toFixed(0)} MB (bar: ${BAR_PEAK_BYTES / 1e6}) ${
      peakBytes < BAR_PEAK_BYTES ? "met" : "MISSED"
    }`,
  );
  // Whoever asks for cores that others use gets fewer than there are.
  const busy = Math.max(...one.load, ...many.load) > navigator.hardwareConcurrency;
  if (busy) {
    console.log("the machine is loaded: the shards' ratio needs idle cores and is lower than it would be");
  }
}

interface Measured {
  readonly ourMs: number[];
  readonly opensslMs: number[];
  readonly peakBytes: number;
  /** One-minute load average, before and after. */
  readonly load: readonly number[];
}

async function measure(path: string, files: readonly string[], rounds: number): Promise<Measured> {
  const ourMs: number[] = [];
  const opensslMs: number[] = [];
  let peakBytes = 0;
  const before = loadavg()[0]!;
  const self = fileURLToPath(import.meta.url);
  // The first round warms the file cache and both programs.
  for (let round = 0; round <= rounds; round++) {
    const theirs = await timed("openssl", ["dgst", "-sha256", ...files]);
    const ours = await timed(Deno.execPath(), ["run", "--no-lock", "-A", self, "--child", path]);
    const { digest, peakBytes: peak } = JSON.parse(ours.out);
    if (files.length === 1 && !theirs.out.includes(digest)) throw new Error("The digests differ");
    if (round === 0) continue;
    opensslMs.push(theirs.ms);
    ourMs.push(ours.ms);
    peakBytes = Math.max(peakBytes, peak);
  }
  return { ourMs, opensslMs, peakBytes, load: [before, loadavg()[0]!] };
}

async function timed(program: string, args: readonly string[]): Promise<{ ms: number; out: string }> {
  const start = performance.now();
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args] }).output();
  const ms = performance.now() - start;
  if (!success) throw new Error(`${program} failed: ${new TextDecoder().decode(stderr)}`);
  return { ms, out: new TextDecoder().decode(stdout) };
}

/** How long one file takes on this thread, and with a worker that is started for it. */
async function compareWorkerStart(folder: string): Promise<void> {
  const rows = [["MiB", "this thread, ms", "with a worker, ms", "two files, ms", "two workers, ms"]];
  for (const mib of [1, 4, 16, 32, 64, 128, 256]) {
    const one = [{ path: join(folder, "one"), sizeBytes: mib * MIB }];
    const half = ["left", "right"].map((name) => ({ path: join(folder, name), sizeBytes: mib * MIB / 2 }));
    for (const { path, sizeBytes } of [...one, ...half]) await writeRandom(path, sizeBytes);
    const times: number[][] = [[], [], [], []];
    for (let round = 0; round < 9; round++) {
      for (const [i, files] of [one, one, half, half].entries()) {
        const start = performance.now();
        await hashFiles(files, { workerBytes: i % 2 === 0 ? Infinity : 1 });
        times[i]!.push(performance.now() - start);
      }
    }
    rows.push([String(mib), ...times.map((list) => median(list).toFixed(1))]);
  }
  console.log(formatTable(rows));
  console.log(`load average ${loadavg()[0]!.toFixed(1)} on ${navigator.hardwareConcurrency} cores`);
}

/** Real bytes, synced: neither a sparse file nor one that is still being written back. */
async function writeRandom(path: string, sizeBytes: number): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  const block = new Uint8Array(Math.min(8 * MIB, sizeBytes));
  for (let done = 0; done < sizeBytes; done += block.length) {
    for (let at = 0; at < block.length; at += 65_536) crypto.getRandomValues(block.subarray(at, at + 65_536));
    const end = Math.min(block.length, sizeBytes - done);
    for (let at = 0; at < end;) at += await file.write(block.subarray(at, end));
  }
  await file.sync();
}

function requireSpace(folder: string, sizeBytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize > sizeBytes * 1.2) return;
  throw new Error(`Not enough free space in ${folder}: give --folder, or a smaller --size-mib`);
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir(args.folder === undefined ? {} : { dir: args.folder });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
