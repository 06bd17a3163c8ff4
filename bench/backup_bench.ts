/**
 * Writing a backup of a large log beside `tar | gzip`, and `| age` where that is installed, over the same files.
 *
 *     deno run -A bench/backup_bench.ts [records] [folder to measure in]
 */
import { join } from "node:path";
import { isAgeIdentity } from "../lib/backup/age_stream.ts";
import { readBackup } from "../lib/backup/read_backup.ts";
import { decodeNote, encodeNote } from "../lib/backup/backup_note.ts";
import { createFolderTarget } from "../lib/backup/folder_target.ts";
import { writeArchive } from "../lib/backup/write_archive.ts";
import { leafHash } from "../lib/core/merkle/leaf_hash.ts";
import { denoFiles } from "../lib/io/deno_files.ts";
import { initialize } from "../lib/runtime/initialize.ts";
import { openRuntime } from "../lib/runtime/open_runtime.ts";
import { parseConfig } from "../lib/runtime/parse_config.ts";
import { snapshotHome } from "../lib/runtime/snapshot_home.ts";
import { median, peakMemoryBytes } from "./measure.ts";

const BAR_RATIO = 1.5;
const ROUNDS = 3;
/** Recorded at once. */
const CHUNK = 5_000;

interface Keys {
  readonly recipient: string;
  readonly identity: string;
}

/** What a child process measured. */
interface Figures {
  readonly seconds: number;
  readonly peakBytes: number;
  readonly sizeBytes: number;
}

const config = (folder: string) => parseConfig({ folder, env: {}, file: { home: join(folder, ".pot") } });

async function fill(folder: string, count: number): Promise<void> {
  await Deno.mkdir(folder);
  await initialize({ folder, chain: "local" });
  await using runtime = await openRuntime(config(folder));
  for (let from = 0; from < count; from += CHUNK) {
    await Promise.all(
      Array.from({ length: Math.min(CHUNK, count - from) }, (_, i) => {
        const step = from + i;
        return runtime.recorder.recordCheckpoint({
          runId: `run-${step % 20}`,
          step,
          artifact: {
            algorithm: "sha256",
            digest: leafHash(new TextEncoder().encode(String(step))).toHex(),
            sizeBytes: 104_857_600,
            name: `step-${step}.safetensors`,
            kind: "file",
            computed: true,
          },
          metrics: { loss: 1 / (1 + step), accuracy: 0.5 },
        });
      }),
    );
    await runtime.log.checkpoint();
  }
  await runtime.recorder.anchorPending();
}

/** Writes the archive, and reads it back, each timed; in a process of its own. */
async function backUp(folder: string, out: string, recipient: string, identity: string) {
  const startMs = performance.now();
  const { origin = "" } = JSON.parse(await Deno.readTextFile(join(folder, "origin.json")));
  using snapshot = await snapshotHome(config(folder), { files: denoFiles, origin, nowMs: Date.now() });
  const recipients = recipient === "" ? [] : [recipient];
  const nonce = crypto.getRandomValues(new Uint8Array(4));
  const { path, note } = await writeArchive(out, snapshot, { files: denoFiles, recipients, nonce });
  const writtenMs = performance.now();
  const target = createFolderTarget(out, { name: "folder", files: denoFiles });
  await readBackup(target.read(note.name), {
    note: decodeNote(encodeNote(note)),
    identities: recipient === "" ? [] : [identity],
  });
  const readMs = performance.now();
  await Deno.remove(path);
  const figures = { peakBytes: peakMemoryBytes(), sizeBytes: note.sizeBytes };
  return {
    write: { seconds: (writtenMs - startMs) / 1_000, ...figures },
    read: { seconds: (readMs - writtenMs) / 1_000, ...figures },
  };
}

async function measureOurs(folder: string, out: string, keys: Keys | undefined) {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-lock",
      "-A",
      import.meta.filename!,
      "back-up",
      folder,
      out,
      keys?.recipient ?? "",
      keys?.identity ?? "",
    ],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("the process that was to back up failed");
  return JSON.parse(new TextDecoder().decode(stdout)) as { readonly write: Figures; readonly read: Figures };
}

/** The stock tools on the same files: the log's folder without its index, which no backup holds. */
async function measureStock(folder: string, out: string, keys: Keys | undefined): Promise<Figures> {
  const path = join(out, "stock.tar.gz");
  const age = keys === undefined ? "" : `| age -r ${keys.recipient}`;
  const exclude = ["index.sqlite", "index.sqlite-wal", "index.sqlite-shm", "log.lock"].map((name) =>
    `--exclude=${name}`
  );
  const startMs = performance.now();
  const { success } = await new Deno.Command("sh", {
    args: [
      "-c",
      `tar -cf - ${exclude.join(" ")} --exclude=log.key -C ${folder} .pot | gzip ${age} > ${path}`,
    ],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("the stock tools failed");
  const seconds = (performance.now() - startMs) / 1_000;
  const { size } = await Deno.stat(path);
  await Deno.remove(path);
  return { seconds, peakBytes: 0, sizeBytes: size };
}

/** A new pair, where age is installed. */
async function makeKeys(): Promise<Keys | undefined> {
  try {
    const { stdout } = await new Deno.Command("age-keygen", { stderr: "null" }).output();
    const text = new TextDecoder().decode(stdout);
    const identity = text.split("\n").find(isAgeIdentity);
    const recipient = /age1[a-z0-9]{58}/.exec(text)?.[0];
    return identity === undefined || recipient === undefined ? undefined : { identity, recipient };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function compare(label: string, folder: string, out: string, keys: Keys | undefined): Promise<boolean> {
  const ratios: number[] = [];
  const ours: { write: Figures; read: Figures }[] = [];
  const stock: Figures[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    stock.push(await measureStock(folder, out, keys));
    ours.push(await measureOurs(folder, out, keys));
    ratios.push(ours[round]!.write.seconds / stock[round]!.seconds);
  }
  const seconds = (all: readonly Figures[]) => median(all.map(({ seconds }) => seconds)).toFixed(1);
  const ratio = median(ratios);
  const isMet = ratio <= BAR_RATIO;
  const peak = Math.max(...ours.map(({ write }) => write.peakBytes));
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  console.log(`${label}`);
  console.log(`  stock      ${seconds(stock)} s, ${megabytes(stock[0]!.sizeBytes)}`);
  console.log(
    `  pot        ${seconds(ours.map(({ write }) => write))} s, ${
      megabytes(ours[0]!.write.sizeBytes)
    }, peak memory ${megabytes(peak)}`,
  );
  console.log(`  ratio      ${ratio.toFixed(2)} (bar: at most ${BAR_RATIO}) ${isMet ? "met" : "MISSED"}`);
  console.log(
    `  read back  ${seconds(ours.map(({ read }) => read))} s, every file compared with the manifest`,
  );
  return isMet;
}

async function main([given, dir]: readonly string[]): Promise<void> {
  const count = Number(given ?? 1_000_000);
  const folder = await Deno.makeTempDir(dir === undefined ? {} : { dir });
  try {
    const home = join(folder, "home");
    const out = join(folder, "out");
    await Deno.mkdir(out);
    await fill(home, count);
    const { origin } = await (await import("../lib/runtime/read_config_file.ts")).readConfigFile(
      join(home, "pot.jsonc"),
    );
    await Deno.writeTextFile(join(home, "origin.json"), JSON.stringify({ origin }));
    console.log(
      `${count} records, median of ${ROUNDS} runs in turn (load average ${Deno.loadavg()[0]!.toFixed(1)})`,
    );
    const keys = await makeKeys();
    const results = [await compare("tar | gzip", home, out, undefined)];
    if (keys === undefined) console.log("tar | gzip | age: not run, as age is not installed");
    else results.push(await compare("tar | gzip | age", home, out, keys));
    if (results.includes(false)) Deno.exitCode = 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const [what, folder, out, recipient, identity] = Deno.args;
  if (what === "back-up") console.log(JSON.stringify(await backUp(folder!, out!, recipient!, identity!)));
  else await main(Deno.args);
}
