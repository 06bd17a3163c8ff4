import assert from "node:assert/strict";
import { join } from "node:path";
import type { LocalAnchorFacts } from "../../../lib/chain/chain_client.ts";
import { createLocalClient, type LocalClientOptions } from "../../../lib/chain/local_client.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { headOf } from "../../_fakes/chain_fixture.ts";
import { createForgetfulDisk } from "../../_fakes/forgetful_files.ts";
import { createRacingClock } from "../../_fakes/racing_clock.ts";

const HASH = "ab".repeat(32);
const PATH = "/state/provenance_records.jsonl";

const open = (options: Partial<LocalClientOptions>) =>
  createLocalClient({
    path: PATH,
    origin: "pot/test",
    files: denoFiles,
    clock: createRacingClock(1_800_000_000_999),
    randomUuid: () => crypto.randomUUID(),
    ...options,
  });

Deno.test("createLocalClient() stores, gives back and compares like the contract", async () => {
  const files = createForgetfulDisk().mount();
  await using client = open({ files });
  assert.equal(client.kind, "local");
  assert.equal(client.chainId, "local:pot/test");
  assert.equal(await client.retrieveHash("1"), undefined);
  const stored = await client.storeHash(HASH, "é");
  assert.match(stored.transactionId, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual(stored, {
    transactionId: stored.transactionId,
    hash: HASH,
    metadata: "é",
    timestamp: 1_800_000_000,
    blockNumber: 1n,
    submitter: "local:pot/test",
  });
  assert.deepEqual(await client.retrieveHash(stored.transactionId), stored);
  assert.equal(await client.verifyHash(HASH, stored.transactionId), true);
  assert.equal(await client.verifyHash("cd".repeat(32), stored.transactionId), false);
  assert.equal(await client.verifyHash(HASH, crypto.randomUUID()), false);
  assert.deepEqual(await client.health(), {
    isHealthy: true,
    checks: [{ name: "ledger", ok: true, detail: `1 records in ${PATH}` }],
  });
  for (
    const [hash, metadata] of [["AB".repeat(32), ""], [HASH.slice(1), ""], [HASH, "x".repeat(2_049)], [
      HASH,
      "\udc00",
    ]]
  ) {
    await assert.rejects(() => client.storeHash(hash!, metadata!), { name: "UsageError" });
  }
});

Deno.test("createLocalClient() answers a known key or head with the first line, also after reopening", async () => {
  const files = createForgetfulDisk().mount();
  let stored, facts;
  {
    await using client = open({ files });
    stored = await client.storeHash(HASH, "first", { key: "k" });
    facts = await client.anchor(headOf(3)) as LocalAnchorFacts;
    assert.deepEqual([facts.kind, facts.state, facts.blockNumber], ["local", "local", 2n]);
  }
  await using client = open({ files });
  assert.deepEqual(await client.storeHash("cd".repeat(32), "second", { key: "k" }), stored);
  assert.deepEqual(await client.anchor(headOf(3)), facts);
  assert.deepEqual(await client.refresh(facts), facts);
  const lines = new TextDecoder().decode(await files.read(PATH)).trimEnd().split("\n").map((line) =>
    JSON.parse(line)
  );
  assert.equal(lines.length, 2);
  assert.deepEqual(lines[1], {
    transactionId: facts.transactionId,
    hash: "03".repeat(32),
    metadata: headOf(3).note,
    root: "03".repeat(32),
    size: "3",
    timestamp: 1_800_000_000,
    blockNumber: 2,
    submitter: "local:pot/test",
    key: `anchor:3:${"03".repeat(32)}`,
  });
});

Deno.test("createLocalClient() refuses a head that does not grow", async () => {
  await using client = open({ files: createForgetfulDisk().mount() });
  await client.anchor(headOf(5));
  for (const head of [headOf(4), headOf(5, 9)]) {
    await assert.rejects(() => client.anchor(head), {
      message: "Cannot anchor as the local ledger has that size or a larger one already",
      facts: ["ledger's size: 5", `this log's size: ${head.size}`],
    });
  }
  assert.equal((await client.anchor(headOf(6))).state, "local");
});

Deno.test("createLocalClient() reports a line that is no record, and a failed disk, without losing the rest", async () => {
  const disk = createForgetfulDisk();
  const files = disk.mount();
  await using client = open({ files });
  const stored = await client.storeHash(HASH, "");
  disk.failNext("sync", new Error("disk full"));
  await assert.rejects(() => client.storeHash(HASH, "lost"));
  const next = await client.storeHash(HASH, "next");
  assert.equal(next.blockNumber, 2n);
  assert.deepEqual(await client.retrieveHash(stored.transactionId), stored);

  disk.poke(PATH, new TextEncoder().encode('{"transactionId":"x"}\n'));
  await using damaged = open({ files });
  await assert.rejects(() => damaged.retrieveHash("x"), {
    message: "Cannot read the local ledger as a line is not one of its records",
    facts: [`file: ${PATH}`, "line: 1"],
  });
  assert.equal((await damaged.health()).isHealthy, false);
});

Deno.test("createLocalClient() keeps every line that was reported stored, wherever the power is cut", async () => {
  for (let call = 1, isWhole = false; !isWhole; call++) {
    const disk = createForgetfulDisk();
    disk.cutAtCall(call);
    const ids: string[] = [];
    try {
      const client = open({ files: disk.mount() });
      for (const key of ["a", "b"]) ids.push((await client.storeHash(HASH, key, { key })).transactionId);
      isWhole = true;
    } catch {
      // The power went.
    }
    disk.cutPower("nothing");
    disk.cutAtCall(Infinity);
    await using reopened = open({ files: disk.mount() });
    for (const id of ids) assert.notEqual(await reopened.retrieveHash(id), undefined, `call ${call}`);
  }
});

Deno.test("createLocalClient() loses and duplicates nothing when several processes write at once", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "new", "provenance_records.jsonl");
    const moduleUrl = (name: string) => JSON.stringify(new URL(`../../../lib/${name}`, import.meta.url).href);
    const script = join(folder, "writer.ts");
    await Deno.writeTextFile(
      script,
      `
      import { createLocalClient } from ${moduleUrl("chain/local_client.ts")};
      import { denoFiles } from ${moduleUrl("io/deno_files.ts")};
      import { systemClock } from ${moduleUrl("runtime/system_clock.ts")};
      await using client = createLocalClient({ path: ${
        JSON.stringify(path)
      }, origin: "pot/test", files: denoFiles,
        clock: systemClock, randomUuid: () => crypto.randomUUID() });
      for (let i = 0; i < 25; i++) {
        await client.storeHash("ab".repeat(32), Deno.args[0] + " " + i);
        await client.storeHash("ab".repeat(32), "shared", { key: "shared " + i });
      }`,
    );
    const config = new URL("../../../deno.json", import.meta.url).pathname;
    const outputs = await Promise.all(["a", "b", "c", "d"].map((name) =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "--config", config, "-A", script, name],
        stderr: "piped",
      }).output()
    ));
    for (const { success, stderr } of outputs) assert.ok(success, new TextDecoder().decode(stderr));
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.equal(lines.length, 4 * 25 + 25);
    assert.deepEqual(lines.map(({ blockNumber }) => blockNumber), lines.map((_, i) => i + 1));
    assert.equal(new Set(lines.map(({ transactionId }) => transactionId)).size, lines.length);
    assert.equal(new Set(lines.map(({ key }) => key)).size, lines.length);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
