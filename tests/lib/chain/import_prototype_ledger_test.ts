import assert from "node:assert/strict";
import { importPrototypeLedger } from "../../../lib/chain/import_prototype_ledger.ts";
import { createLocalClient } from "../../../lib/chain/local_client.ts";
import { createForgetfulDisk } from "../../_fakes/forgetful_files.ts";
import { createRacingClock } from "../../_fakes/racing_clock.ts";

const PATH = "/state/provenance_records.jsonl";
const UUID = "123e4567-e89b-42d3-a456-426614174000";
const HASH = "ab".repeat(32);
const record = (more: Record<string, unknown> = {}) => ({
  hash: HASH,
  metadata: { step: 5, run: "a" },
  timestamp: 1_700_000_000,
  block_number: 7,
  submitter: "0x00000000000000000000000000000000000000A1",
  ...more,
});

function setUp() {
  const files = createForgetfulDisk().mount();
  const options = { path: PATH, origin: "pot/test", files };
  const client = () =>
    createLocalClient({
      ...options,
      clock: createRacingClock(1_800_000_000_000),
      randomUuid: () => crypto.randomUUID(),
    });
  const lines = async () =>
    new TextDecoder().decode(await files.read(PATH)).trimEnd().split("\n").map((line) => JSON.parse(line));
  return { options, client, lines };
}

Deno.test("importPrototypeLedger() takes an object, a list and lines, and keeps what each record said", async () => {
  const first = record();
  const second = record({ hash: "cd".repeat(32), metadata: "plain" });
  const shapes = [
    JSON.stringify({ [UUID]: first, "tx-2": { ...second, transaction_id: "tx-2" } }, null, 2),
    JSON.stringify([{ transaction_id: UUID, ...first }, { transaction_id: "tx-2", ...second }]),
    `${JSON.stringify({ transaction_id: UUID, ...first })}\n${
      JSON.stringify({ transaction_id: "tx-2", ...second })
    }\n`,
  ];
  const ids = new Set<string>();
  for (const text of shapes) {
    const { options, client, lines } = setUp();
    assert.deepEqual(await importPrototypeLedger(text, options), { importedCount: 2, knownCount: 0 });
    const [one, two] = await lines();
    assert.deepEqual(one, {
      transactionId: UUID,
      metadata: '{"run":"a","step":5}',
      hash: HASH,
      timestamp: 1_700_000_000,
      submitter: "local:pot/test",
      imported: { blockNumber: 7, submitter: "0x00000000000000000000000000000000000000A1" },
      blockNumber: 1,
    });
    assert.equal(two.metadata, '{"importedTransactionId":"tx-2","metadata":"plain"}');
    ids.add(two.transactionId);
    await using ledger = client();
    assert.equal(await ledger.verifyHash(HASH, UUID), true);
    assert.equal(await ledger.verifyHash("cd".repeat(32), two.transactionId), true);
    assert.equal((await ledger.storeHash(HASH, "own")).blockNumber, 3n);
  }
  assert.equal(ids.size, 1, "the id follows from the record");
});

Deno.test("importPrototypeLedger() imports once, and what is new the next time", async () => {
  const { options, lines } = setUp();
  await importPrototypeLedger(JSON.stringify({ a: record(), [UUID]: record() }), options);
  assert.deepEqual(await importPrototypeLedger(JSON.stringify({ a: record(), [UUID]: record() }), options), {
    importedCount: 0,
    knownCount: 2,
  });
  const more = JSON.stringify({ a: record(), [UUID]: record(), b: record() });
  assert.deepEqual(await importPrototypeLedger(more, options), { importedCount: 1, knownCount: 2 });
  assert.equal((await lines()).length, 3);
});

Deno.test("importPrototypeLedger() names index and field of a bad record, and imports nothing", async () => {
  const { options } = setUp();
  const cases: readonly (readonly [unknown, string])[] = [
    [record({ hash: "AB".repeat(32) }), "hash of record 1 must be 64 lowercase hex characters"],
    [record({ hash: undefined }), "hash of record 1 must be 64 lowercase hex characters"],
    [record({ timestamp: "now" }), "timestamp of record 1 must be Unix seconds"],
    [record({ timestamp: -1 }), "timestamp of record 1 must be Unix seconds"],
    [record({ metadata: 5 }), "metadata of record 1 must be an object or text"],
    [record({ metadata: "x".repeat(65_536) }), "metadata of record 1 must be at most 65535 bytes"],
    [record({ block_number: 1.5 }), "block_number of record 1 must be a whole number from 0"],
    [record({ submitter: {} }), "submitter of record 1 must be text"],
    [record({ transaction_id: "other" }), "transaction_id of record 1 must be the name it stands under"],
    [
      record({ extra: 1 }),
      "extra of record 1 must be one of transaction_id, hash, metadata, timestamp, block_number, submitter",
    ],
    [[], "record of record 1 must be an object"],
  ];
  for (const [bad, message] of cases) {
    await assert.rejects(
      () => importPrototypeLedger(JSON.stringify({ good: record(), bad }), options),
      { name: "PotError", message: `Cannot import the ledger as ${message}` },
    );
  }
  for (const text of ["", "5", "{", "[[[", '{"a":1,"a":2}', "\ufeff[]"]) {
    await assert.rejects(() => importPrototypeLedger(text, options), { name: "PotError" });
  }
  assert.equal(await options.files.read(PATH), undefined);
});

Deno.test("importPrototypeLedger() refuses an id that stands twice, and one that the ledger has for another record", async () => {
  const { options } = setUp();
  const twice = [{ transaction_id: UUID, ...record() }, { transaction_id: UUID, ...record() }];
  await assert.rejects(() => importPrototypeLedger(JSON.stringify(twice), options), {
    message: "Cannot import the ledger as transaction_id of record 1 must be another than that of record 0",
  });
  await importPrototypeLedger(JSON.stringify({ [UUID]: record() }), options);
  await assert.rejects(
    () => importPrototypeLedger(JSON.stringify({ [UUID]: record({ hash: "ef".repeat(32) }) }), options),
    { message: "Cannot import the ledger as this one has another record with the same id" },
  );
});
