import assert from "node:assert/strict";
import { createCli } from "../_fakes/cli_harness.ts";

const HASH = "ab".repeat(32);
const UUID = "123e4567-e89b-42d3-a456-426614174000";

Deno.test("pot log import takes the prototype's ledger into the local one, once", async () => {
  await using cli = await createCli();
  assert.equal((await cli.run("init", "--local")).code, 0);
  await cli.write(
    "provenance_records.json",
    JSON.stringify({
      [UUID]: { hash: HASH, metadata: { step: 5 }, timestamp: 1_700_000_000, block_number: 3 },
    }),
  );
  const { code, out, err } = await cli.run("log", "import", "provenance_records.json");
  assert.equal(code, 0, err);
  assert.match(out, /^imported 1 records into the local ledger\n/);
  const { json } = await cli.run("log", "import", "provenance_records.json", "--json");
  assert.deepEqual([json.importedCount, json.knownCount], [0, 1]);
  const found = await cli.run("chain", "get", UUID, "--json");
  assert.equal(found.code, 0, found.err);
  assert.equal(found.json.hash, HASH);
});

Deno.test("pot log import of a ledger that is none, or not there, says so and changes nothing", async () => {
  await using cli = await createCli();
  assert.equal((await cli.run("init", "--local")).code, 0);
  await cli.write(
    "a.json",
    JSON.stringify([{ transaction_id: "x", hash: HASH, timestamp: 1 }, { hash: "no" }]),
  );
  await cli.write("b.jsonl", Uint8Array.of(0xff, 0xfe));
  const before = await cli.listing();
  const cases = [
    [
      "a.json",
      1,
      "error: Cannot import the ledger as transaction_id of record 1 must be text of 1 to 256 characters",
    ],
    ["b.jsonl", 2, "error: Cannot import the ledger as it is not UTF-8"],
    ["c.json", 2, "error: Cannot import the ledger as there is no such file"],
  ] as const;
  for (const [name, expected, message] of cases) {
    const { code, err } = await cli.run("log", "import", name);
    assert.equal(code, expected, err);
    assert.equal(err.split("\n")[0], message);
  }
  assert.equal(await cli.listing(), before);
});
