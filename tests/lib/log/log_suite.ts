import assert from "node:assert/strict";
import { parseCheckpointNote } from "../../../lib/core/checkpoint_note.ts";
import { toHex } from "../../../lib/core/hex.ts";
import type { SignedHead } from "../../../lib/core/log_head.ts";
import { leafHash } from "../../../lib/core/merkle/leaf_hash.ts";
import { merkleRoot } from "../../../lib/core/merkle/merkle_root.ts";
import { inclusionRanges } from "../../../lib/core/merkle/proof_ranges.ts";
import { verifyConsistency } from "../../../lib/core/merkle/verify_consistency.ts";
import { verifyInclusion } from "../../../lib/core/merkle/verify_inclusion.ts";
import type { Log, SignHead } from "../../../lib/log/log.ts";
import { parseTestRecord, signTestHead, TEST_ORIGIN, testDraft } from "../../_fakes/test_log.ts";
import type { TestStore } from "../../_fakes/test_store.ts";

/** What every implementation of `Log` does. `name` stands before each test's name. */
export function logSuite(name: string, makeStore: () => Promise<TestStore>): void {
  function test(behaviour: string, run: (store: TestStore) => Promise<void>): void {
    Deno.test(`${name}: ${behaviour}`, async () => {
      await using store = await makeStore();
      await run(store);
    });
  }

  test("append() chains a run's records and answers a duplicate with the first one", async (store) => {
    await using log = await store.open();
    const a0 = await log.append(testDraft("a", 0));
    const [b0, a1, again] = await Promise.all([
      log.append(testDraft("b", 0)),
      log.append(testDraft("a", 1)),
      log.append(testDraft("b", 0)),
    ]);
    assert.deepEqual([a0.index, b0.index, a1.index], [0n, 1n, 2n]);
    assert.deepEqual(again, { ...b0, isDuplicate: true });
    assert.deepEqual(await log.append(testDraft("a", 0)), { ...a0, isDuplicate: true });

    const record = (await log.entry(2n))!;
    assert.equal(a1.id, toHex(leafHash(record)));
    assert.equal(parseTestRecord(record).previous, a0.id);
    assert.equal(await log.size(), 3n);
  });

  test("append() calls build once, and not at all for a duplicate", async (store) => {
    await using log = await store.open();
    let calls = 0;
    const draft = testDraft("a", 0);
    const counted = { ...draft, build: (previous: string | undefined) => (calls++, draft.build(previous)) };
    await Promise.all([log.append(counted), log.append(counted)]);
    await log.append(counted);
    assert.equal(calls, 1);
  });

  test("append() rejects a record that cannot be one, for that caller alone", async (store) => {
    await using log = await store.open();
    const bad = (n: number, build: () => Uint8Array) => log.append({ ...testDraft("bad", n), build });
    const [good, empty, large, thrown, largest] = await Promise.allSettled([
      log.append(testDraft("a", 0)),
      bad(0, () => new Uint8Array()),
      bad(1, () => new Uint8Array(65_536)),
      bad(2, () => {
        throw new Error("cannot build");
      }),
      log.append(testDraft("a", 1, "x".repeat(65_300))),
    ]);
    assert.equal(good.status, "fulfilled");
    assert.equal(largest.status, "fulfilled");
    await assert.rejects(() => outcomeOf(empty), {
      message: "Cannot append the record as it is empty",
      exitCode: 2,
    });
    await assert.rejects(() => outcomeOf(large), {
      message: "Cannot append the record as it is too large",
      facts: ["size: 65536 bytes", "limit: 65535 bytes"],
    });
    await assert.rejects(() => outcomeOf(thrown), { message: "cannot build" });
    assert.equal(await log.size(), 2n);
    assert.deepEqual((await log.append(testDraft("bad", 0))).isDuplicate, false);
  });

  test("append() keeps any bytes as they are, whatever the batch around them", async (store) => {
    await using log = await store.open();
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const records = [all, all.toReversed(), Uint8Array.of(0), Uint8Array.of(0x5c, 0x22, 0x7b, 0x7d, 0x2c)];
    const runs = ["a", 'quo"te\\{},', "ünïcode ☃", " "];
    const results = await Promise.all(
      records.map((bytes, n) => log.append({ ...testDraft("raw", n), runId: runs[n]!, build: () => bytes })),
    );
    for (const [n, bytes] of records.entries()) {
      assert.equal(results[n]!.id, toHex(leafHash(bytes)));
      assert.deepEqual((await log.entry(BigInt(n)))!.slice(), bytes);
    }
    assert.deepEqual((await log.runs()).map(({ runId }) => runId), runs);
  });

  test("append() on two open logs of one store keeps one leaf an event and one chain a run", async (store) => {
    await using one = await store.open();
    await using other = await store.open();
    const submit = (log: Log) => Array.from({ length: 60 }, (_, n) => log.append(testDraft("a", n)));
    const results = await Promise.all([...submit(one), ...submit(other)]);
    assert.equal(results.filter(({ isDuplicate }) => !isDuplicate).length, 60);
    for (let n = 0; n < 60; n++) assert.equal(results[n]!.id, results[60 + n]!.id);
    assert.equal(await one.size(), 60n);
    let previous: string | undefined;
    for await (const bytes of other.entries(0n, 60n)) {
      assert.equal(parseTestRecord(bytes).previous, previous);
      previous = toHex(leafHash(bytes));
    }
  });

  test("append() resolves only with what a log opened later still has", async (store) => {
    const ids: string[] = [];
    {
      await using log = await store.open();
      for (let n = 0; n < 5; n++) ids.push((await log.append(testDraft("a", n))).id);
      await log.checkpoint();
      ids.push((await log.append(testDraft("a", 5))).id);
    }
    await using log = await store.open();
    const found = await Array.fromAsync(log.entries(0n, 100n), (bytes) => toHex(leafHash(bytes)));
    assert.deepEqual(found, ids);
    assert.equal((await log.append(testDraft("a", 5))).isDuplicate, true);
    assert.equal((await log.publishedCheckpoint())!.size, 5n);
  });

  test("append() and checkpoint() refuse a closed log", async (store) => {
    const log = await store.open();
    await log[Symbol.asyncDispose]();
    await log[Symbol.asyncDispose]();
    await assert.rejects(() => log.append(testDraft("a", 0)), {
      message: "Cannot use the log as it was closed",
    });
    await assert.rejects(() => log.checkpoint(), { message: "Cannot use the log as it was closed" });
  });

  test("append() refuses at once when its signal has aborted", async (store) => {
    await using log = await store.open();
    const signal = AbortSignal.abort(new Error("enough"));
    await assert.rejects(() => log.append(testDraft("a", 0), { signal }), { message: "enough" });
    assert.equal(await log.size(), 0n);
  });

  test("checkpoint() signs the root over everything, once a size", async (store) => {
    let signatures = 0;
    await using log = await store.open({ sign: (head) => (signatures++, signTestHead(head)) });
    assert.equal(await log.checkpoint(), undefined);
    assert.equal(await log.publishedCheckpoint(), undefined);

    const hashes: Uint8Array[] = [];
    for (let n = 0; n < 5; n++) {
      await log.append(testDraft("a", n));
      hashes.push(leafHash((await log.entry(BigInt(n)))!));
      const head = (await log.checkpoint())!;
      assert.equal(head.size, BigInt(n + 1));
      assert.deepEqual(head.root, merkleRoot(hashes));
      assert.deepEqual(await log.checkpoint(), head);
      assert.deepEqual(await log.publishedCheckpoint(), head);
    }
    assert.equal(signatures, 5);
    await log.append(testDraft("a", 5));
    assert.equal((await log.publishedCheckpoint())!.size, 5n);
  });

  test("checkpoint() from several places at once signs a size once", async (store) => {
    let signatures = 0;
    const open = () => store.open({ sign: (head) => (signatures++, signTestHead(head)) });
    await using one = await open();
    await using other = await open();
    await appendMany(one, "a", 10);
    const heads = await Promise.all([one, other, one, other].map((log) => log.checkpoint()));
    for (const head of heads) assert.deepEqual(head, heads[0]);
    assert.equal(signatures, 1);
  });

  test("checkpoint() with a signer of its own replaces the note of a size, and shows it what it follows", async (store) => {
    const follows: (SignedHead | undefined)[] = [];
    const sign: SignHead = async (head, published) => {
      follows.push(published);
      return `${await signTestHead(head)}\u2014 ${TEST_ORIGIN} ${btoa(`key ${follows.length}`)}\n`;
    };
    await using log = await store.open();
    assert.equal(await log.checkpoint({ sign }), undefined);
    await appendMany(log, "a", 300);
    const first = (await log.checkpoint())!;
    const second = (await log.checkpoint({ sign }))!;
    assert.deepEqual([second.size, second.root], [first.size, first.root]);
    assert.notEqual(second.note, first.note);
    assert.deepEqual(await log.publishedCheckpoint(), second);
    assert.deepEqual(await log.checkpoint(), second);
    const third = (await log.checkpoint({ sign }))!;
    await log.append(testDraft("b", 0));
    const fourth = (await log.checkpoint({ sign }))!;
    assert.equal(fourth.size, 301n);
    assert.deepEqual(follows, [first, second, third]);
    await using other = await store.open();
    assert.deepEqual(await other.publishedCheckpoint(), fourth);
    assert.deepEqual((await other.headAt(300n)).root, first.root);
    assert.equal((await other.inclusionPath(0n, 300n)).length, 9);
  });

  test("addSignatures() adds them to the published checkpoint, until a larger size is published", async (store) => {
    const line = (text: string) => `\u2014 witness.example/${text} ${btoa("signature")}\n`;
    const noteOf = ({ note }: SignedHead, ...lines: readonly string[]) =>
      `${parseCheckpointNote(note).text}\n${lines.join("")}`;
    await using log = await store.open();
    await using other = await store.open();
    await appendMany(log, "a", 3);
    const first = (await log.checkpoint())!;
    // Records that come in meanwhile are not in its way.
    await log.append(testDraft("b", 0));
    const cosigned = { ...first, note: first.note + line("1") };
    assert.deepEqual(await other.addSignatures(noteOf(first, line("1"))), cosigned);
    assert.deepEqual(await log.addSignatures(noteOf(first, line("1"))), cosigned);
    assert.deepEqual([await log.publishedCheckpoint(), await other.publishedCheckpoint()], [
      cosigned,
      cosigned,
    ]);
    const second = (await log.checkpoint())!;
    assert.equal(second.note, await signTestHead(second));
    assert.equal(await other.addSignatures(noteOf(first, line("2"))), undefined);
    assert.deepEqual(await log.publishedCheckpoint(), second);
    const added = await Promise.all(
      [log, other].map((one, i) => one.addSignatures(noteOf(second, line(`w${i}`)))),
    );
    assert.ok(added.every((head) => head!.size === 4n));
    const { note } = (await log.checkpoint())!;
    assert.equal(parseCheckpointNote(note).signatures.length, 3);
    await using later = await store.open();
    assert.equal((await later.publishedCheckpoint())!.note, note);
  });

  test("addSignatures() adds nothing to an empty log, and refuses what is no note", async (store) => {
    await using log = await store.open();
    const note = await signTestHead({ size: 1n, root: new Uint8Array(32) });
    assert.equal(await log.addSignatures(note), undefined);
    await log.append(testDraft("a", 0));
    await log.checkpoint();
    assert.equal(await log.addSignatures(note), undefined);
    await assert.rejects(() => log.addSignatures("no note"), { message: /^Cannot read the checkpoint note/ });
  });

  test("checkpoint() refuses a note over another head, and publishes nothing", async (store) => {
    await using log = await store.open({ sign: ({ root }) => signTestHead({ root, size: 7n }) });
    await log.append(testDraft("a", 0));
    await assert.rejects(() => log.checkpoint(), {
      message: "Cannot publish the checkpoint as its note is over another head",
    });
    assert.equal(await log.publishedCheckpoint(), undefined);
  });

  test("checkpoint() passes on what the signer throws, and works the next time", async (store) => {
    let isBroken = true;
    await using log = await store.open({
      sign: (head) => isBroken ? Promise.reject(new Error("no key")) : signTestHead(head),
    });
    await log.append(testDraft("a", 0));
    await assert.rejects(() => log.checkpoint(), { message: "no key" });
    isBroken = false;
    assert.equal((await log.checkpoint())!.size, 1n);
  });

  test("checkpoint() makes every record provable, across the edges of tiles", async (store) => {
    await using log = await store.open();
    for (const size of [1, 255, 256, 257, 511, 600]) {
      const from = Number(await log.size());
      await Promise.all(
        Array.from({ length: size - from }, (_, i) => log.append(testDraft("a", from + i))),
      );
      const { root } = (await log.checkpoint())!;
      const hashes = await Array.fromAsync(log.entries(0n, BigInt(size)), (bytes) => leafHash(bytes));
      assert.deepEqual(root, merkleRoot(hashes));
      for (const index of new Set([0, 254, 255, 256, 257, 510, 511, size - 1])) {
        if (index >= size) continue;
        const path = await log.inclusionPath(BigInt(index), BigInt(size));
        const claim = { leafHash: hashes[index]!, index: BigInt(index), size: BigInt(size), root, path };
        assert.ok(verifyInclusion(claim), `entry ${index} of ${size}`);
      }
    }
  });

  test("subtreeHashes() gives the subtrees of published trees, in the order in which they are asked for", async (store) => {
    await using log = await store.open();
    const appended = await Promise.all(Array.from({ length: 300 }, (_, n) => log.append(testDraft("a", n))));
    await log.checkpoint();
    await Promise.all(Array.from({ length: 213 }, (_, n) => log.append(testDraft("b", n))));
    const { root } = (await log.checkpoint())!;
    assert.deepEqual(await log.subtreeHashes([]), []);
    const ranges = [
      { start: 299n, width: 1n },
      { start: 0n, width: 513n },
      { start: 256n, width: 44n },
      ...inclusionRanges(7n, 300n),
      ...Array.from({ length: 300 }, (_, i) => ({ start: BigInt(i), width: 1n })),
    ];
    const hashes = await log.subtreeHashes(ranges);
    const path = await log.inclusionPath(7n, 300n);
    assert.deepEqual(hashes.slice(0, 2), [Uint8Array.fromHex(appended[299]!.id), root]);
    assert.deepEqual(hashes[2], (await log.inclusionPath(7n, 300n)).at(-1));
    assert.deepEqual(hashes.slice(3, 3 + path.length), path);
    assert.deepEqual(hashes.slice(3 + path.length).map((hash) => hash.toHex()), appended.map(({ id }) => id));
    await assert.rejects(() => log.subtreeHashes([{ start: 512n, width: 2n }]), {
      message: "Cannot compute the tree as no checkpoint covers that size yet",
    });
  });

  test("headAt(), inclusionPath() and consistencyPath() answer for every size up to the published one", async (store) => {
    await using log = await store.open();
    await appendMany(log, "a", 40);
    const { size, root } = (await log.checkpoint())!;
    await appendMany(log, "b", 2);
    const heads = await Promise.all(Array.from({ length: 40 }, (_, i) => log.headAt(BigInt(i + 1))));
    assert.deepEqual(heads.at(-1), { size, root });
    const hash = leafHash((await log.entry(6n))!);
    for (const head of heads) {
      const path = await log.consistencyPath(head.size, size);
      assert.ok(
        verifyConsistency({ oldSize: head.size, oldRoot: head.root, newSize: size, newRoot: root, path }),
      );
      if (head.size <= 6n) continue;
      const audit = await log.inclusionPath(6n, head.size);
      assert.ok(
        verifyInclusion({ leafHash: hash, index: 6n, size: head.size, root: head.root, path: audit }),
      );
    }
    await assert.rejects(() => log.headAt(41n), {
      message: "Cannot compute the tree as no checkpoint covers that size yet",
      facts: ["size: 41", "published: 40"],
    });
    await assert.rejects(() => log.headAt(0n), {
      message: "Cannot give the head of an empty tree",
      exitCode: 2,
    });
    await assert.rejects(() => log.inclusionPath(40n, 40n), { exitCode: 2 });
  });

  test("headAt() sees a checkpoint that another process made", async (store) => {
    await using one = await store.open();
    await using other = await store.open();
    await appendMany(one, "a", 3);
    await one.checkpoint();
    assert.equal((await other.headAt(3n)).size, 3n);
    await appendMany(one, "b", 300);
    const { size, root } = (await one.checkpoint())!;
    assert.deepEqual(await other.headAt(size), { size, root });
  });

  test("entry(), find(), runs() and runIndices() answer for what is there and what is not", async (store) => {
    await using log = await store.open();
    const { id } = await log.append(testDraft("b", 0));
    await log.append(testDraft("a", 0));
    await log.append(testDraft("b", 1));
    assert.equal(await log.find(id), 0n);
    for (const unknown of ["0".repeat(64), id.toUpperCase(), id.slice(2), ""]) {
      assert.equal(await log.find(unknown), undefined);
    }
    assert.equal(await log.entry(3n), undefined);
    assert.equal(await log.entry(-1n), undefined);
    assert.deepEqual(await log.runs(), [
      { runId: "b", recordCount: 2, firstIndex: 0n, lastIndex: 2n },
      { runId: "a", recordCount: 1, firstIndex: 1n, lastIndex: 1n },
    ]);
    assert.deepEqual(await log.runIndices("b"), [0n, 2n]);
    assert.deepEqual(await log.runIndices("none"), []);
  });

  test("entry() gives a copy that a caller may change", async (store) => {
    await using log = await store.open();
    await log.append(testDraft("a", 0));
    await log.checkpoint();
    for (let i = 0; i < 2; i++) {
      const bytes = (await log.entry(0n))!;
      assert.equal(parseTestRecord(bytes).run, "a");
      bytes.fill(0);
    }
  });

  test("entries() gives any stretch of the log in order, and ends where the log does", async (store) => {
    await using log = await store.open();
    await appendMany(log, "a", 300);
    await log.checkpoint();
    await appendMany(log, "b", 300);
    const numbers = async (from: bigint, to: bigint) =>
      await Array.fromAsync(log.entries(from, to), (bytes) => {
        const { run, n } = parseTestRecord(bytes);
        return (run === "a" ? 0 : 300) + n;
      });
    const count = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
    assert.deepEqual(await numbers(0n, 600n), count(0, 600));
    assert.deepEqual(await numbers(250n, 310n), count(250, 310));
    assert.deepEqual(await numbers(599n, 10_000n), [599]);
    assert.deepEqual(await numbers(600n, 700n), []);
    assert.deepEqual(await numbers(5n, 5n), []);
  });

  test("open refuses a log of another origin", async (store) => {
    {
      await using log = await store.open();
      await log.append(testDraft("a", 0));
      await log.checkpoint();
    }
    await assert.rejects(() => store.open({ origin: "pot/other" }), (error) => {
      assert.ok(error instanceof Error && "facts" in error && Array.isArray(error.facts));
      assert.match(error.message, /^Cannot use the log as .* another log/);
      assert.deepEqual(error.facts.slice(-2), ["its origin: pot/test", "this log's origin: pot/other"]);
      return true;
    });
  });
}

async function appendMany(log: Log, run: string, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, n) => log.append(testDraft(run, n))));
}

async function outcomeOf<T>(settled: PromiseSettledResult<T>): Promise<T> {
  if (settled.status === "rejected") throw settled.reason;
  return await Promise.resolve(settled.value);
}
