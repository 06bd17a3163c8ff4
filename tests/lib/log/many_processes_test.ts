import assert from "node:assert/strict";
import { toHex } from "../../../lib/core/hex.ts";
import { leafHash } from "../../../lib/core/merkle/leaf_hash.ts";
import { merkleRoot } from "../../../lib/core/merkle/merkle_root.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { openFileLog } from "../../../lib/log/file_log.ts";
import { parseTestRecord, testLogOptions } from "../../_fakes/test_log.ts";

const PROCESSES = 10;
const RECORDS = 200;
const WORKER = new URL("append_worker.ts", import.meta.url).pathname;

interface WorkerResult {
  readonly id: string;
  readonly index: number;
  readonly isDuplicate: boolean;
}

Deno.test("append() from ten processes loses and duplicates nothing, checkpoints between", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const results = await Promise.all(
      Array.from({ length: PROCESSES }, (_, i) => runWorker(folder, `run-${i}`)),
    );
    const own = results.flatMap((ofOne) => ofOne.slice(0, RECORDS));
    assert.ok(own.every(({ isDuplicate }) => !isDuplicate));

    // All ten submitted the same events: each has one first, and nine who are told of it.
    for (let n = 0; n < RECORDS; n++) {
      const answers = results.map((ofOne) => ofOne[RECORDS + n]!);
      assert.equal(new Set(answers.map(({ id, index }) => `${id} ${index}`)).size, 1);
      assert.equal(answers.filter(({ isDuplicate }) => !isDuplicate).length, 1);
    }

    const promised = new Map(results.flat().map(({ id, index }) => [index, id]));
    assert.equal(promised.size, (PROCESSES + 1) * RECORDS);
    await using log = await openFileLog(folder, testLogOptions(denoFiles));
    assert.equal(await log.size(), BigInt(promised.size));
    const hashes: Uint8Array[] = [];
    const lastOfRun = new Map<string, string>();
    for (let index = 0; index < promised.size; index++) {
      const bytes = (await log.entry(BigInt(index)))!;
      const hash = leafHash(bytes);
      const { run, previous } = parseTestRecord(bytes);
      assert.equal(toHex(hash), promised.get(index));
      assert.equal(previous, lastOfRun.get(run));
      lastOfRun.set(run, toHex(hash));
      hashes.push(hash);
    }
    assert.deepEqual((await log.checkpoint())!.root, merkleRoot(hashes));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function runWorker(folder: string, run: string): Promise<readonly WorkerResult[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-lock", "--no-check", "--allow-all", WORKER, folder, run, String(RECORDS)],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}
