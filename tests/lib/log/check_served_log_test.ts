import assert from "node:assert/strict";
import { join } from "node:path";
import { parseCheckpointNote, signCheckpointNote } from "../../../lib/core/checkpoint_note.ts";
import { leafHash } from "../../../lib/core/merkle/leaf_hash.ts";
import { rootFromNodes } from "../../../lib/core/merkle/stored_tree.ts";
import { merkleRoot } from "../../../lib/core/merkle/merkle_root.ts";
import {
  formatVerifierKey,
  generateNoteKey,
  importNoteSigner,
  parseVerifierKey,
} from "../../../lib/core/note_key.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { checkServedLog, type CheckServedLogOptions } from "../../../lib/log/check_served_log.ts";
import { encodeBundle } from "../../../lib/log/entry_bundle.ts";
import { type ServedFiles, servedFromFolder, servedOverHttp } from "../../../lib/log/served_files.ts";
import type { ServedLogReport } from "../../../lib/log/served_log_report.ts";
import { seededRandom } from "../../_fakes/mutate.ts";
import { openSigningLog, publishAt, PUBLISHED_KEY } from "../../_fakes/published_log.ts";
import { serveFolder, type StaticServerOptions, tlogHeaders } from "../../_fakes/static_server.ts";
import { inTemporaryFolder } from "../../_fakes/temporary_folder.ts";
import { TEST_ORIGIN } from "../../_fakes/test_log.ts";
import tessera from "../../vectors/tessera_log.json" with { type: "json" };

const encode = (text: string) => new TextEncoder().encode(text);
const KEYS = [{ verifierKey: PUBLISHED_KEY, from: 0n }];
/** Two levels of full tiles, and a partial one at each level. */
const LARGE = 65_536 + 300;

/** One log for all tests, published at several sizes. */
let source: string;
Deno.test.beforeAll(async () => {
  source = await Deno.makeTempDir({ prefix: "pot-served-" });
  await using log = await openSigningLog(join(source, "log"));
  for (const size of [1, 255, 256, 257, LARGE]) {
    if (size < LARGE) await publishAt(log, join(source, "growing"), size);
    await publishAt(log, join(source, String(size)), size);
  }
});
Deno.test.afterAll(() => Deno.remove(source, { recursive: true }));

async function check(
  folder: string,
  { serving = {}, ...options }: Partial<CheckServedLogOptions> & { readonly serving?: StaticServerOptions } =
    {},
): Promise<ServedLogReport & { readonly asked: readonly string[]; readonly mostAtOnce: number }> {
  await using server = serveFolder(folder, { headersFor: tlogHeaders, ...serving });
  const files = servedOverHttp(server.url);
  const report = await checkServedLog(files, { keys: KEYS, ...options });
  return { ...report, asked: server.asked, mostAtOnce: server.mostAtOnce };
}

const found = ({ problems }: Pick<ServedLogReport, "problems">) =>
  problems.map(({ path, problem }) => `${path}: ${problem}`);

Deno.test("checkServedLog() passes what pot log publish wrote, at every kind of size", async () => {
  for (const size of [1, 255, 256, 257, LARGE]) {
    for (
      const report of [
        await check(join(source, String(size))),
        await checkServedLog(servedFromFolder(join(source, String(size)), { files: denoFiles }), {
          keys: KEYS,
        }),
      ]
    ) {
      assert.deepEqual([report.problems, report.warnings], [[], []], String(size));
      assert.deepEqual([report.isComplete, report.unreachable], [true, undefined]);
      assert.deepEqual([report.size, report.entryCount], [BigInt(size), size]);
      assert.deepEqual([report.origin, report.signedBy], [TEST_ORIGIN, PUBLISHED_KEY]);
    }
  }
});

Deno.test("checkServedLog() asks for each file once, a few at a time", async () => {
  const { asked, mostAtOnce, fileCount } = await check(join(source, String(LARGE)), { concurrency: 6 });
  assert.equal(new Set(asked).size, asked.length);
  assert.equal(fileCount, asked.length);
  // 258 bundles, as many tiles of leaves, 2 tiles above, 1 above those, and the checkpoint.
  assert.equal(asked.length, 258 + 258 + 2 + 1 + 1);
  assert.ok(asked.includes("/tile/entries/257.p/44") && asked.includes("/tile/0/256"));
  assert.ok(
    asked.includes("/tile/1/000") && asked.includes("/tile/1/001.p/1") && asked.includes("/tile/2/000.p/1"),
  );
  assert.ok(mostAtOnce <= 6, `${mostAtOnce} at once`);
});

Deno.test("checkServedLog() does without a partial tile where the full one is there", async () => {
  // A checkpoint of an older size, beside tiles that have grown since: as a cache may give it.
  const checkpoint = await Deno.readFile(join(source, "257", "checkpoint"));
  const old = (path: string) => path === "/checkpoint" ? new Response(checkpoint) : undefined;
  const { problems, size, entryCount, asked } = await check(join(source, String(LARGE)), {
    serving: { intercept: old },
  });
  assert.deepEqual([problems, size, entryCount], [[], 257n, 257]);
  assert.ok(asked.includes("/tile/0/001.p/1") && asked.includes("/tile/0/001"));
  assert.ok(asked.includes("/tile/entries/001") && asked.includes("/tile/1/000"));
});

Deno.test("checkServedLog() passes a folder that was published to again and again", async () => {
  const { problems, entryCount } = await check(join(source, "growing"));
  assert.deepEqual([problems, entryCount], [[], 257]);
});

Deno.test("checkServedLog() passes through gzip without negotiation", async () => {
  const { problems, warnings, entryCount } = await check(join(source, "257"), { serving: { hasGzip: true } });
  assert.deepEqual([problems, warnings, entryCount], [[], [], 257]);
});

Deno.test("checkServedLog() passes the log that Tessera publishes", async () => {
  await inTemporaryFolder(async (folder) => {
    const entries = tessera.entries.map(encode);
    const leaves = entries.map(leafHash);
    assert.equal(leaves[0]!.toHex(), tessera.tileStart);
    await Deno.mkdir(join(folder, "tile/0/000.p"), { recursive: true });
    await Deno.mkdir(join(folder, "tile/entries/000.p"), { recursive: true });
    await Deno.writeTextFile(join(folder, "checkpoint"), tessera.checkpoint);
    await Deno.writeFile(
      join(folder, "tile/0/000.p/15"),
      Uint8Array.from(leaves.flatMap((hash) => [...hash])),
    );
    await Deno.writeFile(join(folder, "tile/entries/000.p/15"), encodeBundle(entries));
    const keys = [{ verifierKey: tessera.verifierKey, from: 0n }];
    const { problems, entryCount } = await check(folder, { keys });
    assert.deepEqual([problems, entryCount], [[], 15]);
  });
});

type Changes = Readonly<Record<string, (old: Uint8Array) => Uint8Array | undefined>>;

/** What is found wrong with a published log of which some files are served changed, or not at all. */
async function damaged(size: number, changes: Changes): Promise<readonly string[]> {
  const folder = join(source, String(size));
  const intercept = async (path: string) => {
    const change = changes[path.slice(1)];
    if (change === undefined) return undefined;
    const bytes = change(await Deno.readFile(join(folder, path)));
    return bytes === undefined ? new Response("", { status: 404 }) : new Response(bytes.slice());
  };
  return found(await check(folder, { serving: { intercept } }));
}

const gone = () => undefined;
const flip = (at: number) => (bytes: Uint8Array) => bytes.with(at, bytes[at]! ^ 1);
const cut = (bytes: Uint8Array) => bytes.subarray(0, -1);
const entryEnd = (bytes: Uint8Array, from = 0) => from + 2 + (bytes[from]! << 8 | bytes[from + 1]!);
/** The second entry and the third change places. */
const swap = (bytes: Uint8Array) => {
  const [first, second] = [entryEnd(bytes), entryEnd(bytes, entryEnd(bytes))];
  const third = entryEnd(bytes, second);
  const pieces = [bytes.subarray(0, first), bytes.subarray(second, third), bytes.subarray(first, second)];
  return Uint8Array.of(...pieces.flatMap((piece) => [...piece]), ...bytes.subarray(third));
};

Deno.test("checkServedLog() names the file of each kind of damage", async () => {
  const cases: readonly (readonly [string, number, Changes, readonly string[]])[] = [
    ["a bit of an entry", 257, { "tile/entries/000": flip(20) }, [
      "tile/entries/000: entry 0 does not hash to what tile/0/000 has for it",
    ]],
    ["a bit of an entry at the edge", 257, { "tile/entries/001.p/1": flip(20) }, [
      "tile/entries/001.p/1: entry 256 does not hash to what tile/0/001.p/1 has for it",
    ]],
    ["two entries in each other's place", 256, { "tile/entries/000": swap }, [
      "tile/entries/000: entry 1 does not hash to what tile/0/000 has for it",
      "tile/entries/000: entry 2 does not hash to what tile/0/000 has for it",
    ]],
    ["a length of an entry", 256, { "tile/entries/000": flip(0) }, [
      "tile/entries/000: its last entry is cut short, and it should hold 256",
    ]],
    ["a cut bundle", 256, { "tile/entries/000": cut }, [
      "tile/entries/000: its last entry is cut short, and it should hold 256",
    ]],
    ["a bundle without its last entry", 1, { "tile/entries/000.p/1": () => new Uint8Array() }, [
      "tile/entries/000.p/1: it holds 0 entries, and it should hold 1",
    ]],
    ["a missing bundle", 257, { "tile/entries/000": gone }, [
      "tile/entries/000: it is not served (status 404)",
    ]],
    ["a missing bundle at the edge", 257, { "tile/entries/001.p/1": gone }, [
      "tile/entries/001.p/1: it is not served (status 404), and neither is a full version",
    ]],
    ["a bit of a full tile of leaves", 257, { "tile/0/000": flip(8_000) }, [
      "tile/0/000: its hashes do not give what tile/1/000.p/1 has for it",
    ]],
    ["a bit of a partial tile of leaves", 257, { "tile/0/001.p/1": flip(3) }, [
      "tile/0/001.p/1: its hashes are not those of the signed tree",
    ]],
    ["a bit of a partial tile above", 257, { "tile/1/000.p/1": flip(3) }, [
      "tile/1/000.p/1: its hashes are not those of the signed tree",
    ]],
    ["a bit of every partial tile", 257, { "tile/1/000.p/1": flip(3), "tile/0/001.p/1": flip(3) }, [
      "tile/0/001.p/1: its hashes are not those of the signed tree",
      "tile/1/000.p/1: its hashes are not those of the signed tree",
    ]],
    ["a bit of a full tile above", LARGE, { "tile/1/000": flip(77) }, [
      "tile/1/000: its hashes do not give what tile/2/000.p/1 has for it",
    ]],
    ["a bit of the topmost tile", LARGE, { "tile/2/000.p/1": flip(31) }, [
      "tile/2/000.p/1: its hashes are not those of the signed tree",
    ]],
    ["a cut tile", 256, { "tile/0/000": cut }, ["tile/0/000: it is 8191 bytes long, and not 8192"]],
    ["a long tile", 256, { "tile/0/000": (old) => Uint8Array.of(...old, 0) }, [
      "tile/0/000: it is longer than the 8192 bytes that it can have",
    ]],
    ["a missing tile of leaves", 256, { "tile/0/000": gone }, [
      "tile/0/000: it is not served (status 404)",
    ]],
    ["a missing partial tile", 255, { "tile/0/000.p/255": gone }, [
      "tile/0/000.p/255: it is not served (status 404), and neither is a full version",
    ]],
    ["a missing tile above", LARGE, { "tile/1/000": gone }, ["tile/1/000: it is not served (status 404)"]],
    ["a missing tile and one below it", LARGE, { "tile/1/000": gone, "tile/0/007": gone }, [
      "tile/1/000: it is not served (status 404)",
      "tile/0/007: it is not served (status 404)",
      "tile/1/000: the 65536 entries below it could not be checked",
    ]],
    ["a missing edge and its entries", 257, { "tile/0/001.p/1": gone, "tile/entries/001.p/1": gone }, [
      "tile/0/001.p/1: it is not served (status 404), and neither is a full version",
      "tile/entries/001.p/1: it is not served (status 404), and neither is a full version",
      "tile/0/001.p/1: the 1 entries below it could not be checked",
    ]],
    ["a page in place of a tile", 257, { "tile/0/000": () => encode("<!doctype html>") }, [
      "tile/0/000: it is 15 bytes long, and not 8192",
    ]],
    ["a missing checkpoint", 1, { checkpoint: gone }, ["checkpoint: it is not served (status 404)"]],
    ["an empty checkpoint", 1, { checkpoint: () => new Uint8Array() }, [
      "checkpoint: it is no checkpoint: Cannot read the checkpoint note as it does not end with a newline",
    ]],
    ["a checkpoint that is no text", 1, { checkpoint: () => Uint8Array.of(0xff, 0xfe) }, [
      "checkpoint: it is no checkpoint: not UTF-8",
    ]],
  ];
  for (const [what, size, changes, expected] of cases) {
    assert.deepEqual(await damaged(size, changes), expected, what);
  }
});

Deno.test("checkServedLog() finds an entry that was replaced together with its tile", async () => {
  const other = encode('{"run":"run","n":0,"filler":"x"}');
  const problems = await damaged(257, {
    "tile/0/000": (old) => Uint8Array.of(...leafHash(other), ...old.subarray(32)),
    "tile/entries/000": (old) => Uint8Array.of(...encodeBundle([other]), ...old.subarray(entryEnd(old))),
  });
  assert.deepEqual(problems.toSorted(), [
    "tile/0/000: its hashes do not give what tile/1/000.p/1 has for it",
    "tile/entries/000: its hashes do not give what tile/1/000.p/1 has for it",
  ]);
});

Deno.test("checkServedLog() finds a rewritten history with all its tiles, under the old checkpoint", async () => {
  await inTemporaryFolder(async (folder) => {
    await using log = await openSigningLog(join(folder, "log"));
    await log.append({
      runId: "run",
      eventKey: new Uint8Array(32),
      build: () => encode('{"run":"run","n":-1}'),
    });
    await publishAt(log, join(folder, "public"), 257);
    await Deno.copyFile(join(source, "257", "checkpoint"), join(folder, "public", "checkpoint"));
    const { problems, isComplete } = await check(join(folder, "public"));
    assert.deepEqual(problems, [{
      path: "checkpoint",
      problem: "the tiles do not give the root that it signs",
    }]);
    assert.ok(isComplete);
  });
});

Deno.test("checkServedLog() checks the checkpoint's key, its sizes and its origin", async () => {
  const folder = join(source, "257");
  const stranger = await generateNoteKey(TEST_ORIGIN);
  const unsigned = "checkpoint: it is not signed by a log key that is good for size 257";
  assert.deepEqual(found(await check(folder, { keys: [{ verifierKey: stranger.verifierKey, from: 0n }] })), [
    unsigned,
  ]);
  assert.deepEqual(
    found(await check(folder, { keys: [{ verifierKey: PUBLISHED_KEY, from: 0n, to: 256n }] })),
    [unsigned],
  );
  assert.deepEqual(found(await check(folder, { keys: [{ verifierKey: PUBLISHED_KEY, from: 258n }] })), [
    unsigned,
  ]);
  const retired = { verifierKey: PUBLISHED_KEY, from: 0n, to: 257n };
  assert.deepEqual(
    found(await check(folder, { keys: [retired, { verifierKey: stranger.verifierKey, from: 257n }] })),
    [],
  );

  // The same key under another log's name.
  const { publicKey } = parseVerifierKey(PUBLISHED_KEY);
  const other = formatVerifierKey({ name: "pot/other", publicKey });
  assert.deepEqual(found(await check(folder, { keys: [{ verifierKey: other, from: 0n }] })), [
    'checkpoint: its origin is "pot/test", and not pot/other',
    unsigned,
  ]);
  const files = servedFromFolder(folder, { files: denoFiles });
  await assert.rejects(checkServedLog(files, { keys: [] }), {
    message: "Cannot check the log as no key of it is given",
    exitCode: 2,
  });
  const two = [...KEYS, { verifierKey: other, from: 0n }];
  await assert.rejects(checkServedLog(files, { keys: two }), {
    message: "Cannot check the log as the keys are of several logs",
  });
});

Deno.test("checkServedLog() checks an empty log, and refuses one that claims another root or too much", async () => {
  const { signerKey, verifierKey } = await generateNoteKey(TEST_ORIGIN);
  const signer = await importNoteSigner(signerKey);
  const keys = [{ verifierKey, from: 0n }];
  await inTemporaryFolder(async (folder) => {
    const write = async (size: bigint, root: Uint8Array) => {
      await Deno.writeTextFile(
        join(folder, "checkpoint"),
        await signCheckpointNote({ origin: TEST_ORIGIN, size, root }, signer),
      );
      return await check(folder, { keys });
    };
    assert.deepEqual(found(await write(0n, merkleRoot([]))), []);
    assert.deepEqual(found(await write(0n, new Uint8Array(32))), [
      "checkpoint: the tiles do not give the root that it signs",
    ]);
    assert.deepEqual(found(await write((1n << 63n) - 1n, new Uint8Array(32))), [
      "checkpoint: its size, 9223372036854775807, is more than can be looked at",
    ]);
    // Its tiles are missing: found by a few questions, not by 2^45.
    const { problemCount, asked, isComplete } = await write((1n << 53n) - 1n, new Uint8Array(32));
    assert.ok(problemCount > 0 && !isComplete);
    assert.ok(asked.length < 100, `${asked.length} questions`);
  });
});

Deno.test("checkServedLog() warns of headers that are not as the specification asks, once each", async () => {
  const plain = await check(join(source, "257"), { serving: { headersFor: () => ({}) } });
  assert.deepEqual(plain.problems, []);
  assert.deepEqual(plain.warnings, [
    {
      warning: "the checkpoint: Content-Type is none, and should be text/plain; charset=utf-8",
      path: "checkpoint",
      count: 1,
    },
    {
      warning:
        "the checkpoint may be kept by caches (Cache-Control: none): send no-cache, or a max-age of seconds",
      path: "checkpoint",
      count: 1,
    },
    {
      warning: "tiles: Content-Type is none, and should be application/octet-stream",
      path: "tile/0/001.p/1",
      count: 5,
    },
    {
      warning:
        "tiles are not kept by caches (Cache-Control: none): they never change, so send a long max-age and immutable",
      path: "tile/0/001.p/1",
      count: 5,
    },
  ]);
  const said = async (checkpoint: string, tiles: string) => {
    const headersFor = (path: string) => ({
      ...tlogHeaders(path),
      "cache-control": path === "/checkpoint" ? checkpoint : tiles,
    });
    return (await check(join(source, "1"), { serving: { headersFor } })).warnings.map(({ path }) => path);
  };
  for (const good of ["no-store", "no-cache", "max-age=5", "public, s-maxage=3, max-age=2", "No-Cache"]) {
    assert.deepEqual(await said(good, "max-age=31536000"), [], good);
  }
  for (const bad of ["max-age=3600", "max-age=1, s-maxage=600", "public", "immutable"]) {
    assert.deepEqual(await said(bad, "immutable"), ["checkpoint"], bad);
  }
  for (const bad of ["no-store", "no-cache", "max-age=60", "no-cache, immutable", ""]) {
    assert.deepEqual(await said("no-cache", bad), ["tile/0/000.p/1"], bad);
  }
});

Deno.test("checkServedLog() looks at a sample of the bundles, with their way to the root, and at the newest", async () => {
  const { problems, entryCount, asked, isComplete } = await check(join(source, String(LARGE)), {
    sample: { bundleCount: 5, random: seededRandom(1) },
  });
  assert.deepEqual([problems, isComplete], [[], true]);
  const bundles = asked.filter((path) => path.startsWith("/tile/entries/"));
  assert.equal(bundles.length, 6);
  assert.ok(bundles.includes("/tile/entries/257.p/44"));
  assert.equal(entryCount, 5 * 256 + 44);
  assert.equal(asked.length, 6 + 6 + 2 + 1 + 1);
  // One that asks for more than there is gets all.
  const all = await check(join(source, "257"), { sample: { bundleCount: 2, random: seededRandom(1) } });
  assert.equal(all.entryCount, 257);
});

Deno.test("checkServedLog() asks for tiles past the thousandth and the millionth as the specification spells them", async () => {
  // A log of the same entry over and over has the same tile over and over.
  const entry = encode("again");
  const size = 1_234_067n * 256n + 5n;
  const hashes = [leafHash(entry)];
  const nodeAt = (level: number): Uint8Array => {
    if (hashes[level] === undefined) hashes[level] = merkleRoot([nodeAt(level - 1), nodeAt(level - 1)]);
    return hashes[level];
  };
  const root = await rootFromNodes(size, (level) => Promise.resolve(nodeAt(level)));
  const { signerKey, verifierKey } = await generateNoteKey(TEST_ORIGIN);
  const note = await signCheckpointNote(
    { origin: TEST_ORIGIN, size, root },
    await importNoteSigner(signerKey),
  );
  const intercept = (path: string) => {
    if (path === "/checkpoint") return new Response(note);
    const [, level, width = "256"] = /^\/tile\/([^/]+)\/(?:x\d{3}\/)*\d{3}(?:\.p\/(\d+))?$/.exec(path)!;
    const count = Number(width);
    const bytes = level === "entries"
      ? encodeBundle(Array.from({ length: count }, () => entry))
      : Uint8Array.from({ length: 32 * count }, (_, i) => nodeAt(8 * Number(level))[i % 32]!);
    return new Response(bytes.slice());
  };
  const report = await check(source, {
    keys: [{ verifierKey, from: 0n }],
    sample: { bundleCount: 3, random: seededRandom(3) },
    serving: { intercept },
  });
  assert.deepEqual([report.problems, report.isComplete, report.entryCount], [[], true, 3 * 256 + 5]);
  for (
    const path of ["/tile/entries/x001/x234/067.p/5", "/tile/0/x001/x234/067.p/5", "/tile/1/x004/820.p/147"]
  ) {
    assert.ok(report.asked.includes(path), `${path} in ${report.asked}`);
  }
  assert.ok(report.asked.length < 20);
});

Deno.test("checkServedLog() draws as many bundles as asked for, none twice, and any of them", async () => {
  const folder = servedFromFolder(join(source, String(LARGE)), { files: denoFiles });
  const random = seededRandom(7);
  const seen = new Set<string>();
  for (let i = 0; i < 6; i++) {
    const drawn: string[] = [];
    const files: ServedFiles = {
      ...folder,
      get(path, options) {
        if (path.startsWith("tile/entries/")) drawn.push(path);
        return folder.get(path, options);
      },
    };
    await checkServedLog(files, { keys: KEYS, sample: { bundleCount: 120, random } });
    // The newest is always there: one more, unless it was drawn.
    assert.ok(drawn.length === 120 || drawn.length === 121, `${drawn.length} bundles`);
    assert.equal(new Set(drawn).size, drawn.length);
    for (const path of drawn) seen.add(path);
  }
  // Of 258, at 120 in six draws, four or five are missed.
  assert.ok(seen.size > 240, `${seen.size} different ones`);
});

Deno.test("checkServedLog() cannot tell where the server stops answering, and keeps what it found", async () => {
  let asked = 0;
  const failing = (status: number) => () => ++asked > 40 ? new Response("busy", { status }) : undefined;
  for (const status of [408, 429, 500, 503]) {
    asked = 0;
    const report = await check(join(source, String(LARGE)), { serving: { intercept: failing(status) } });
    assert.deepEqual([report.problems, report.isComplete], [[], false]);
    assert.match(
      report.unreachable!,
      new RegExp(`did not answer properly; server: http://127.*; file: tile/.*; status: ${status}`),
    );
  }
  const closed = serveFolder(source);
  await closed[Symbol.asyncDispose]();
  const report = await checkServedLog(servedOverHttp(closed.url), { keys: KEYS });
  assert.match(report.unreachable!, /^Cannot tell as the other side did not answer; asked: http:\/\/127/);
});

Deno.test("checkServedLog() takes a refusal and a redirect for a file that is not served", async () => {
  for (const [status, because] of [[403, "not served"], [410, "not served"], [302, "redirected"]] as const) {
    const intercept = (path: string) =>
      path === "/tile/0/000"
        ? new Response(null, { status, headers: { location: "/tile/0/001.p/1" } })
        : undefined;
    const report = await check(join(source, "257"), { serving: { intercept } });
    assert.deepEqual(found(report), [`tile/0/000: it is ${because} (status ${status})`]);
  }
});

Deno.test("checkServedLog() reads no more of an endless file than it can have", async () => {
  const intercept = (path: string) => {
    if (path !== "/tile/0/000") return undefined;
    return new Response(
      new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) }),
    );
  };
  const report = await check(join(source, "257"), { serving: { intercept } });
  assert.deepEqual(found(report), ["tile/0/000: it is longer than the 8192 bytes that it can have"]);
});

Deno.test("checkServedLog() ends with the signal", async () => {
  const stop = new AbortController();
  const intercept = (path: string) => {
    if (path === "/tile/entries/009") stop.abort(new Error("enough"));
    return undefined;
  };
  const running = check(join(source, String(LARGE)), { serving: { intercept }, signal: stop.signal });
  await assert.rejects(running, { message: "enough" });
});

Deno.test("checkServedLog() keeps the first hundred problems and counts all", async () => {
  const report = await check(join(source, String(LARGE)), {
    serving: {
      intercept: (path) => /entries\/...$/.test(path) ? new Response("", { status: 404 }) : undefined,
    },
  });
  assert.deepEqual([report.problems.length, report.problemCount], [100, 257]);
  assert.equal(parseCheckpointNote(await Deno.readTextFile(join(source, "1", "checkpoint"))).size, 1n);
});
