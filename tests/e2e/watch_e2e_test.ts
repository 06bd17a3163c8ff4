import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseRecord } from "../../lib/core/parse_record.ts";
import type { TrainingRecord } from "../../lib/core/record.ts";
import { openRuntime } from "../../lib/runtime/open_runtime.ts";
import { parseConfig } from "../../lib/runtime/parse_config.ts";
import { type CliHarness, createCli } from "../_fakes/cli_harness.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** `pot watch` in a process of its own, killed at the end whatever happens. */
interface Watching extends AsyncDisposable {
  /** Resolves once that many lines of it say "recorded". */
  recorded(count: number): Promise<void>;
  end(signal: Deno.Signal): Promise<Deno.CommandStatus>;
  readonly out: () => string;
}

function startWatch(folder: string, ...args: readonly string[]): Watching {
  const flags = [
    "run",
    "--quiet",
    "-A",
    "--no-check",
    "--config",
    `${ROOT}deno.json`,
    `${ROOT}cli/main.ts`,
  ];
  const process = new Deno.Command(Deno.execPath(), {
    args: [...flags, "watch", "checkpoints", "--run", "run-1", ...args],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let out = "";
  let onOutput = () => {};
  const read = async (stream: ReadableStream<Uint8Array>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      out += text;
      onOutput();
    }
    onOutput();
  };
  const reading = Promise.all([read(process.stdout), read(process.stderr)]);
  let hasEnded = false;
  const status = process.status.then((ended) => {
    hasEnded = true;
    return ended;
  });
  return {
    out: () => out,
    async recorded(count) {
      while ((out.match(/^recorded [0-9a-f]{64} /gm)?.length ?? 0) < count) {
        if (hasEnded) throw new Error(`pot watch ended:\n${out}`);
        await new Promise<void>((resolve) => onOutput = resolve);
      }
    },
    async end(signal) {
      if (!hasEnded) process.kill(signal);
      await reading;
      return await status;
    },
    async [Symbol.asyncDispose]() {
      if (!hasEnded) process.kill("SIGKILL");
      await reading;
      await status;
    },
  };
}

async function createInstalled(): Promise<CliHarness> {
  const cli = await createCli();
  await cli.run("init", "--local");
  await Deno.mkdir(cli.path("checkpoints"));
  return cli;
}

async function allRecords({ folder, path }: CliHarness): Promise<TrainingRecord[]> {
  const config = parseConfig({ folder, env: {}, flags: { home: path(".pot"), chain: "local" } });
  await using runtime = await openRuntime(config);
  const records: TrainingRecord[] = [];
  for (let i = 0n; i < await runtime.log.size(); i++) {
    records.push(parseRecord((await runtime.log.entry(i))!));
  }
  return records;
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const namesOf = (records: readonly TrainingRecord[]) => records.map(({ artifact }) => artifact!.name!);

Deno.test("pot watch records 200 files that appear while it runs, each once and whole, over two SIGKILLs", async () => {
  await using cli = await createInstalled();
  const folder = cli.path("checkpoints");
  const content = (step: number) => `weights of ${step} `.repeat(500);
  // A third by rename, a third in one write, a third in pieces.
  const write = async (step: number) => {
    const path = join(folder, `step_${step}.pt`);
    const text = content(step);
    if (step % 3 === 0) {
      await Deno.writeTextFile(`${path}.tmp`, text);
      await Deno.rename(`${path}.tmp`, path);
    } else if (step % 3 === 1) {
      await Deno.writeTextFile(path, text);
    } else {
      using file = await Deno.open(path, { write: true, create: true });
      for (let at = 0; at < text.length; at += 2_000) {
        await file.write(new TextEncoder().encode(text.slice(at, at + 2_000)));
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    }
  };
  let writtenTo = 0;
  const writeTo = async (end: number) => {
    while (writtenTo < end) await write(writtenTo++);
  };
  for (const killAfter of [20, 35]) {
    await using watching = startWatch(cli.folder, "--settle", "0.3");
    const dying = watching.recorded(killAfter).then(() => watching.end("SIGKILL"));
    const [{ signal }] = await Promise.all([dying, writeTo(writtenTo + 80)]);
    assert.equal(signal, "SIGKILL");
  }
  await using watching = startWatch(cli.folder, "--settle", "0.3");
  await writeTo(200);
  const before = namesOf(await allRecords(cli)).length;
  assert.ok(before >= 40);
  while (namesOf(await allRecords(cli)).length < 200) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const ended = await watching.end("SIGTERM");
  assert.equal(ended.code, 0, watching.out());

  const records = await allRecords(cli);
  assert.equal(records.length, 200);
  assert.deepEqual(namesOf(records).sort(), Array.from({ length: 200 }, (_, i) => `step_${i}.pt`).sort());
  for (const { step, artifact } of records) {
    assert.equal(artifact!.digest, sha256(content(step as number)), `step ${step}`);
  }
  const { code, json } = await cli.run("runs", "run-1", "--json");
  assert.deepEqual([code, json.isUnbroken], [0, true]);
});

Deno.test("pot watch does not record half of what a slow writer writes, nor a folder whose parts are missing", async () => {
  await using cli = await createInstalled();
  const folder = cli.path("checkpoints");
  await using watching = startWatch(cli.folder, "--settle", "0.6");
  await Deno.mkdir(join(folder, "checkpoint-7"));
  await Deno.writeTextFile(join(folder, "checkpoint-7/model-00001-of-00002.safetensors"), "one");
  using file = await Deno.open(join(folder, "step_5.pt"), { write: true, create: true });
  for (let i = 0; i < 12; i++) {
    await file.write(new TextEncoder().encode("piece "));
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  await watching.recorded(1);
  await Deno.writeTextFile(join(folder, "checkpoint-7/model-00002-of-00002.safetensors"), "two");
  await watching.recorded(2);
  assert.equal((await watching.end("SIGINT")).code, 0);
  assert.match(watching.out(), /waiting for checkpoint-7: it holds 1 of the 2 parts/);
  const [slow, sharded] = await allRecords(cli);
  assert.equal(slow!.artifact!.digest, sha256("piece ".repeat(12)));
  assert.deepEqual([sharded!.step, sharded!.artifact!.kind, sharded!.artifact!.sizeBytes], [
    7,
    "directory",
    6,
  ]);
  const manifest = await Deno.readTextFile(
    cli.path(".pot", "manifests", `${sharded!.artifact!.digest}.json`),
  );
  assert.equal(sha256(manifest), sharded!.artifact!.digest);
});

Deno.test("pot watch catches up in order on what appeared while it was down, and keeps to its policy", async () => {
  await using cli = await createInstalled();
  const folder = cli.path("checkpoints");
  const policy = ["--policy", "every=100steps", "--settle", "0.2"];
  await Deno.writeTextFile(join(folder, "step_1.pt"), "a");
  {
    await using watching = startWatch(cli.folder, ...policy);
    await watching.recorded(1);
    assert.equal((await watching.end("SIGTERM")).code, 0);
  }
  for (const step of [300, 50, 200, 250]) {
    await Deno.writeTextFile(join(folder, `step_${step}.pt`), String(step));
  }
  await using watching = startWatch(cli.folder, ...policy);
  await watching.recorded(2);
  await Deno.writeTextFile(join(folder, "step_310.pt"), "310");
  while (!watching.out().includes("skipped step_310.pt")) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal((await watching.end("SIGTERM")).code, 0);
  assert.match(
    watching.out(),
    /recorded 3, skipped 3, left out 0, failed 0, waiting 0\n {2}skipped 3: every=100steps: not due\n/,
  );
  assert.deepEqual((await allRecords(cli)).map(({ step }) => step), [1, 200, 300, 310]);
});
