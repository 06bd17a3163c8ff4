import assert from "node:assert/strict";
import { toHex } from "../../../lib/core/hex.ts";
import { leafHash } from "../../../lib/core/merkle/leaf_hash.ts";
import { merkleRoot } from "../../../lib/core/merkle/merkle_root.ts";
import { openTestLog } from "../../_fakes/open_test_log.ts";
import { parseTestRecord, testDraft } from "../../_fakes/test_log.ts";

const WORKER = new URL("endless_worker.ts", import.meta.url).pathname;

/**
 * Kills a process that appends to the log at `place`, once a round, in the middle of its appends. Every append that had
 * resolved must be there, nothing twice; and the log must take the killed process's records again.
 */
export async function assertSurvivesKills(
  place: string,
  { rounds }: { readonly rounds: number },
): Promise<void> {
  const promised = new Map<number, { readonly id: string; readonly index: bigint }>();
  let first = 0;
  for (let round = 0; round < rounds; round++) {
    // A different number of lines each time moves the kill through a commit's phases.
    for (
      const [n, id = "", index = ""] of await linesUntilKilled(place, { first, lines: 3 + round * 7 % 40 })
    ) {
      promised.set(Number(n), { id, index: BigInt(index) });
    }
    // The next process submits the last ones again, some of which were never acknowledged.
    first = Math.max(0, promised.size - 4);
  }
  await using log = await openTestLog(place);
  for (const [n, { id, index }] of promised) {
    const again = await log.append(testDraft(`run-${n % 3}`, n));
    assert.deepEqual(again, { id, index, isDuplicate: true });
  }
  const seen = new Set<number>();
  const hashes: Uint8Array[] = [];
  const lastOfRun = new Map<string, string>();
  for await (const bytes of log.entries(0n, await log.size())) {
    const { run, n, previous } = parseTestRecord(bytes);
    assert.ok(!seen.has(n), `record ${n} is there once`);
    seen.add(n);
    assert.equal(previous, lastOfRun.get(run));
    hashes.push(leafHash(bytes));
    lastOfRun.set(run, toHex(hashes.at(-1)!));
  }
  assert.equal(BigInt(hashes.length), await log.size());
  assert.deepEqual((await log.checkpoint())!.root, merkleRoot(hashes));
}

async function linesUntilKilled(
  place: string,
  { first, lines }: { readonly first: number; readonly lines: number },
): Promise<readonly (readonly string[])[]> {
  const worker = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", WORKER, place, String(first)],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(worker.stderr).text();
  let output = "";
  let isKilled = false;
  for await (const text of worker.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    if (isKilled || output.split("\n").length <= lines) continue;
    worker.kill("SIGKILL");
    isKilled = true;
  }
  const { signal } = await worker.status;
  assert.equal(signal, "SIGKILL", await errors);
  await errors;
  // A last line without its end was being written when the kill came.
  return output.split("\n").slice(0, -1).map((line) => line.split(" "));
}
