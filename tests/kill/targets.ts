import assert from "node:assert/strict";
import { join } from "node:path";
import { createLocalClient } from "../../lib/chain/local_client.ts";
import { toHex } from "../../lib/core/hex.ts";
import { leafHash } from "../../lib/core/merkle/leaf_hash.ts";
import { merkleRoot } from "../../lib/core/merkle/merkle_root.ts";
import { denoFiles } from "../../lib/io/deno_files.ts";
import type { Log } from "../../lib/log/log.ts";
import { systemClock } from "../../lib/runtime/system_clock.ts";
import { openTestLog } from "../_fakes/open_test_log.ts";
import { parseTestRecord } from "../_fakes/test_log.ts";
import type { KillTarget } from "./kill_rounds.ts";

/** A log, wherever it is kept. */
export function logTarget(place: string): KillTarget {
  return {
    name: place.startsWith("postgres:") ? "PostgreSQL log" : "file log",
    writer: new URL("log_writer.ts", import.meta.url),
    argumentsFor: (writer, round) => [place, `run-${round}-${writer}`],
    async readAll() {
      await using log = await openTestLog(place);
      return await checkLog(log);
    },
  };
}

/** The local ledger in a folder. */
export function ledgerTarget(folder: string): KillTarget {
  const path = join(folder, "provenance_records.jsonl");
  return {
    name: "local ledger",
    writer: new URL("ledger_writer.ts", import.meta.url),
    argumentsFor: (writer, round) => [path, `${round}-${writer}`],
    async readAll() {
      await using client = createLocalClient({
        path,
        indexPath: `${path}.sqlite`,
        origin: "pot/test",
        files: denoFiles,
        clock: systemClock,
        randomUuid: () => crypto.randomUUID(),
      });
      // Cuts a torn tail, as the next writer would.
      await client.storeHash("cd".repeat(32), "");
      const lines = (await Deno.readTextFile(path)).split("\n").slice(0, -1).map((line) => JSON.parse(line));
      lines.forEach(({ blockNumber }, i) => assert.equal(blockNumber, i + 1));
      assert.equal(new Set(lines.map(({ key }) => key)).size, lines.length, "a key is there twice");
      for (const { transactionId, hash } of [lines[0], lines.at(-1)]) {
        assert.ok(await client.verifyHash(hash, transactionId));
      }
      return lines.map(({ transactionId }) => transactionId);
    },
  };
}

/** Checks any log whole, event keys, runs and root included; gives its ids. */
export async function checkLog(log: Log): Promise<readonly string[]> {
  const hashes: Uint8Array[] = [];
  const lastOfRun = new Map<string, string>();
  const events = new Set<string>();
  for await (const bytes of log.entries(0n, await log.size())) {
    const { run, n, previous } = parseTestRecord(bytes);
    assert.ok(!events.has(`${run} ${n}`), `event ${run} ${n} is there twice`);
    events.add(`${run} ${n}`);
    assert.equal(previous, lastOfRun.get(run), "each record names the one before it in its run");
    const hash = leafHash(bytes);
    lastOfRun.set(run, toHex(hash));
    hashes.push(hash);
  }
  assert.deepEqual((await log.checkpoint())?.root, merkleRoot(hashes));
  return hashes.map(toHex);
}
