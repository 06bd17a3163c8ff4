import assert from "node:assert/strict";
import { join } from "node:path";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { copyLog, type CopyLogOptions } from "../../../lib/log/copy_log.ts";
import { openFileLog } from "../../../lib/log/file_log.ts";
import type { Log } from "../../../lib/log/log.ts";
import { openPostgresLog } from "../../../lib/log/postgres_log.ts";
import { publishLog } from "../../../lib/log/publish_log.ts";
import { type PostgresServer, startPostgres } from "../../_fakes/postgres_server.ts";
import { openTestLog } from "../../_fakes/open_test_log.ts";
import {
  parseTestRecord,
  signTestHead,
  TEST_ORIGIN,
  testDraft,
  testEventKey,
  testLogOptions,
} from "../../_fakes/test_log.ts";

let server: PostgresServer;
Deno.test.beforeAll(async () => {
  server = await startPostgres();
});
Deno.test.afterAll(async () => await server[Symbol.asyncDispose]());

const options: CopyLogOptions = {
  eventKeyOf: (bytes) => {
    const record = parseTestRecord(bytes);
    return { runId: record.run, eventKey: testEventKey(record) };
  },
};

Deno.test("copyLog() moves a log into PostgreSQL and back with the same records, indices and roots", () =>
  inFolder(async (folder) => {
    const url = await server.createDatabase();
    const places = [join(folder, "first"), url, join(folder, "second")];
    await using first = await openTestLog(places[0]!);
    await fill(first, 700);
    const head = (await first.checkpoint())!;
    let from = first;
    for (const place of places.slice(1)) {
      const to = await openTestLog(place);
      const seen: bigint[] = [];
      const copy = await copyLog(from, to, {
        ...options,
        onProgress: (done, total) => {
          assert.equal(total, 700n);
          seen.push(done);
        },
      });
      assert.deepEqual(copy, { size: 700n, root: head.root, copiedCount: 700n });
      assert.deepEqual(seen, [256n, 512n, 700n]);
      assert.deepEqual(await describe(to), await describe(first));
      assert.deepEqual((await to.publishedCheckpoint())!.note, head.note);
      if (from !== first) await from[Symbol.asyncDispose]();
      from = to;
    }
    assert.equal((await from.append(testDraft("run 0", 0))).isDuplicate, true);
    assert.equal((await from.append(testDraft("later", 0))).index, 700n);
    await from[Symbol.asyncDispose]();
  }));

Deno.test("copyLog() goes on where an earlier copy ended, in the middle of anything", () =>
  inFolder(async (folder) => {
    const url = await server.createDatabase();
    await using from = await openTestLog(folder);
    await fill(from, 600);
    for (const doneBefore of [256n, 512n]) {
      const controller = new AbortController();
      await using to = await openTestLog(url);
      await assert.rejects(() =>
        copyLog(from, to, {
          ...options,
          signal: controller.signal,
          onProgress: (done) => {
            if (done === doneBefore) controller.abort(new Error("enough"));
          },
        }), { message: "enough" });
      assert.equal(await to.size(), doneBefore);
    }
    await using to = await openTestLog(url);
    const copy = await copyLog(from, to, options);
    assert.equal(copy.copiedCount, 88n);
    assert.equal((await copyLog(from, to, options)).copiedCount, 0n);
    await from.append(testDraft("later", 0));
    assert.equal((await copyLog(from, to, options)).copiedCount, 1n);
    assert.deepEqual(await describe(to), await describe(from));
  }));

Deno.test("copyLog() refuses a target that holds something else, and leaves it as it is", () =>
  inFolder(async (folder) => {
    await using from = await openTestLog(join(folder, "from"));
    await fill(from, 10);
    const refusal = (size: number) => ({
      message: "Cannot copy the log as the other one holds other records",
      facts: [`first ${size} records: not those of this log`],
      hint: "copy into an empty log, or into one that holds a beginning of this one",
    });
    const targets: readonly (readonly [string, number, (to: Log) => Promise<unknown>])[] = [
      ["other record", 0, (to) => to.append(testDraft("other", 0))],
      ["published other record", 1, async (to) => {
        await to.append(testDraft("other", 0));
        await to.checkpoint();
      }],
      ["other record after a good one", 1, async (to) => {
        await to.append(testDraft("run 0", 0));
        await to.checkpoint();
        await to.append(testDraft("other", 0));
      }],
      ["longer", 10, async (to) => {
        await copyLog(from, to, options);
        await to.append(testDraft("other", 0));
      }],
    ];
    for (const [name, size, prepare] of targets) {
      for (const place of [await server.createDatabase(), join(folder, name)]) {
        await using to = await openTestLog(place);
        await prepare(to);
        const before = { ...await describe(to), published: await to.publishedCheckpoint() };
        await assert.rejects(() => copyLog(from, to, options), refusal(size), name);
        assert.deepEqual({ ...await describe(to), published: await to.publishedCheckpoint() }, before);
      }
    }
  }));

Deno.test("copyLog() refuses a log of another origin, an empty one, and one with an event twice", () =>
  inFolder(async (folder) => {
    await using from = await openTestLog(join(folder, "from"));
    await using to = await openTestLog(join(folder, "to"));
    await assert.rejects(() => copyLog(from, to, options), { message: "Cannot copy the log as it is empty" });
    await fill(from, 3);
    await using other = await openFileLog(
      join(folder, "other"),
      testLogOptions(denoFiles, { origin: "pot/other" }),
    );
    await assert.rejects(() => copyLog(from, other, options), {
      message: "Cannot copy the log as the other one has another origin",
      facts: ["from: pot/test", "to: pot/other"],
    });
    const same = () => ({ runId: "a", eventKey: testEventKey({ run: "a", n: 0 }) });
    await assert.rejects(() => copyLog(from, to, { eventKeyOf: same }), {
      message: "Cannot copy the log as it has one event twice",
      facts: ["event of record 1: there at 0 already"],
    });
  }));

Deno.test("copyLog() notices when something else appends to the target", () =>
  inFolder(async (folder) => {
    await using from = await openTestLog(folder);
    await fill(from, 600);
    const url = await server.createDatabase();
    await using to = await openTestLog(url);
    await using other = await openTestLog(url);
    let intruder: Promise<unknown> | undefined;
    const meddling: Log = Object.assign(Object.create(to), {
      append: async (...args: Parameters<Log["append"]>) => {
        await (intruder ??= other.append(testDraft("other", 0)));
        return await to.append(...args);
      },
    });
    await assert.rejects(() => copyLog(from, meddling, options), {
      message: "Cannot copy the log as something else appends to the other one",
      facts: ["record 0 became number 1"],
    });
    assert.equal(await to.publishedCheckpoint(), undefined);
  }));

Deno.test("publishLog() writes from PostgreSQL the very files that a file log publishes", () =>
  inFolder(async (folder) => {
    await using file = await openTestLog(join(folder, "file"));
    await using sql = await openTestLog(await server.createDatabase());
    const published = join(folder, "published");
    assert.equal(await publishLog(sql, published, { files: denoFiles }), undefined);
    for (const size of [3, 255, 300, 1_100]) {
      const from = Number(await file.size());
      for (const log of [file, sql]) {
        await Promise.all(
          Array.from({ length: size - from }, (_, i) => log.append(testDraft("a", from + i))),
        );
        await log.checkpoint();
      }
      const head = await publishLog(sql, published, { files: denoFiles });
      assert.equal(head?.size, BigInt(size));
      assert.deepEqual(await publicFiles(published), await publicFiles(join(folder, "file")));
    }
    // Nothing that is not for the public.
    assert.deepEqual(
      (await Array.fromAsync(Deno.readDir(published), ({ name }) => name)).sort(),
      [".lock", "checkpoint", "tile"],
    );
    await using other = await openPostgresLog(await server.createDatabase(), {
      origin: TEST_ORIGIN,
      verifierKeys: [],
      sign: signTestHead,
    });
    await fill(other, 1_200);
    await other.checkpoint();
    await assert.rejects(() => publishLog(other, published, { files: denoFiles }), {
      message: "Cannot publish into the folder as it holds another history",
    });
    await assert.rejects(() => publishLog(sql, join(folder, "file"), { files: denoFiles }), {
      message: "Cannot publish into the folder as a log lives in it",
    });
  }));

async function fill(log: Log, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, n) => log.append(testDraft(`run ${n % 3}`, n))));
}

async function describe(log: Log) {
  const runs = await log.runs();
  return {
    entries: await Array.fromAsync(log.entries(0n, await log.size()), (bytes) => parseTestRecord(bytes)),
    runs,
    indices: await Promise.all(runs.map(({ runId }) => log.runIndices(runId))),
  };
}

/** Checkpoint, tiles and entries by path. */
async function publicFiles(folder: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  const folders = ["tile"];
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    for await (const { name, isDirectory } of Deno.readDir(join(folder, at))) {
      const path = join(at, name);
      if (isDirectory) folders.push(path);
      else found[path] = (await Deno.readFile(join(folder, path))).toHex();
    }
  }
  found["checkpoint"] = await Deno.readTextFile(join(folder, "checkpoint"));
  return found;
}

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
