import assert from "node:assert/strict";
import { toHex } from "../../../lib/core/hex.ts";
import { leafHash } from "../../../lib/core/merkle/leaf_hash.ts";
import { merkleRoot } from "../../../lib/core/merkle/merkle_root.ts";
import { openTestLog } from "../../_fakes/open_test_log.ts";
import { parseTestRecord } from "../../_fakes/test_log.ts";

const PROCESSES = 10;
const RECORDS = 200;
const WORKER = new URL("append_worker.ts", import.meta.url).pathname;

interface WorkerResult {
  readonly id: string;
  readonly index: number;
  readonly isDuplicate: boolean;
}

/** Ten processes append their own records and ones that all of them have to the log at `place`, which starts empty. */
export async function assertManyProcesses(place: string): Promise<void> {
  const results = await Promise.all(
    Array.from({ length: PROCESSES }, (_, i) => runWorker(place, `run-${i}`)),
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
  await using log = await openTestLog(place);
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
}

async function runWorker(place: string, run: string): Promise<readonly WorkerResult[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", WORKER, place, run, String(RECORDS)],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}
