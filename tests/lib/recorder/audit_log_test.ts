import assert from "node:assert/strict";
import { encodeRecord } from "../../../lib/core/encode_record.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import type { FileLayer } from "../../../lib/io/file_layer.ts";
import type { AuditCode } from "../../../lib/log/audit_codes.ts";
import {
  audit,
  copyHome,
  makeAuditedHome,
  namedIn,
  openAuditedLog,
  openHome,
  recordUpTo,
} from "../../_fakes/audited_home.ts";
import {
  appendRaw,
  changeFile,
  changeNote,
  flipped,
  readLines,
  withField,
  writeLines,
} from "../../_fakes/damage_home.ts";

let original: string;
Deno.test.beforeAll(async () => {
  original = await makeAuditedHome();
});
Deno.test.afterAll(() => Deno.remove(original, { recursive: true }));

Deno.test("auditLog() finds nothing in a sound home, and looks at every part of it", async () => {
  const report = await audit(original);
  assert.deepEqual(namedIn(report), []);
  assert.deepEqual([report.outcome, report.size, report.notes], ["clean", 400, []]);
  assert.deepEqual(report.areas.map(({ area, outcome, detail }) => `${area}: ${outcome}, ${detail}`), [
    "entries: ok, 400 records",
    "write-ahead: ok, every frame",
    "tiles: ok, 5 tiles and bundles",
    "index: ok, both ways",
    "checkpoints: ok, 1 note, 1 key",
    "anchors: ok, 3 anchors, 2 consistency proofs",
    "ledger: ok, 3 lines",
    "stored hashes: skipped, there is none",
    "manifests: ok, 1 document",
    "access trail: ok, 5 lines",
    "contract: skipped, not asked",
  ]);
});

Deno.test("auditLog() finds nothing while others append, publish and replace files", async () => {
  await using copy = await copyHome(original);
  // This recorder has no gate, so that no line of the trail would tell of its anchors.
  for (const name of ["access.jsonl", "access-head.json"]) await Deno.remove(`${copy.home}/${name}`);
  await using opened = await openHome(copy.home);
  let isDone = false;
  const appending = (async () => {
    for (let size = 410; !isDone; size += 37) {
      await recordUpTo(opened, size);
      if (size % 3 === 0) await opened.recorder.anchorPending();
    }
  })();
  const sizes: number[] = [];
  for (let round = 0; round < 12; round++) {
    const report = await audit(copy.home);
    assert.deepEqual(namedIn(report), []);
    sizes.push(report.size);
  }
  isDone = true;
  await appending;
  assert.ok(sizes.at(-1)! > sizes[0]! && sizes[0]! >= 400, String(sizes));
});

Deno.test("auditLog() writes nothing", async () => {
  await using copy = await copyHome(original);
  const list = async (folder: string): Promise<string[]> => {
    const names: string[] = [];
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = `${folder}/${name}`;
      // SQLite keeps its shared memory beside the index.
      if (/-(?:wal|shm)$/.test(name)) continue;
      names.push(isDirectory ? path : `${path} ${(await Deno.readFile(path)).toHex()}`);
      if (isDirectory) names.push(...await list(path));
    }
    return names.sort();
  };
  const before = await list(copy.home);
  await audit(copy.home);
  assert.deepEqual(await list(copy.home), before);
});

Deno.test("auditLog() tries the consistency proofs that the log would hand out", async () => {
  await using copy = await copyHome(original);
  // The hash over the first 256 leaves, which the proof from 300 to 380 leaves goes through.
  await changeFile(`${copy.home}/log/tile/1/000.p/1`, (bytes) => flipped(bytes, 9));
  const { findings, areas } = await audit(copy.home);
  const inconsistent = findings.find(({ code }) => code === "anchors-inconsistent")!;
  assert.deepEqual(inconsistent.examples, [
    { where: "sizes 300 and 380", detail: "its proof does not hold" },
  ]);
  assert.equal(areas.find(({ area }) => area === "anchors")!.detail, "3 anchors, 1 consistency proof");
});

Deno.test("auditLog() looks again where the write-ahead file is replaced while it looks", async () => {
  await using copy = await copyHome(original);
  await using opened = await openHome(copy.home);
  let isFirst = true;
  const files: FileLayer = {
    ...denoFiles,
    async read(path) {
      if (isFirst && path.endsWith("/checkpoint")) {
        isFirst = false;
        await recordUpTo(opened, 700);
        await opened.log.checkpoint();
      }
      return await denoFiles.read(path);
    },
  };
  const report = await audit(copy.home, { files });
  assert.deepEqual([namedIn(report), report.size, isFirst], [[], 700, false]);
});

Deno.test("auditLog() names an event that stands in the log twice", async () => {
  await using copy = await copyHome(original);
  await appendRaw(
    copy.home,
    (newest) => encodeRecord({ ...newest, salt: "cd".repeat(32) }),
    crypto.getRandomValues(new Uint8Array(32)),
  );
  for (const suffix of ["", "-wal", "-shm"]) {
    await Deno.remove(`${copy.home}/log/index.sqlite${suffix}`).catch(() => {});
  }
  await (await openAuditedLog(`${copy.home}/log`))[Symbol.asyncDispose]();
  const named = namedIn(await audit(copy.home));
  assert.match(named.join("\n"), /^event-repeated \| leaves 399 and 400 \| both have event [0-9a-f]{64}$/m);
});

Deno.test("auditLog() names what is wrong with hashes that were stored one by one", async () => {
  await using copy = await copyHome(original);
  const { home } = copy;
  const replaced = ["anchors.jsonl", "provenance_records.jsonl", "access.jsonl", "access-head.json"];
  for (const name of replaced) await Deno.remove(`${home}/${name}`);
  {
    await using opened = await openHome(home, { anchoring: "each" });
    await opened.recorder.anchorPending();
  }
  const sound = await audit(home);
  assert.deepEqual(namedIn(sound), []);
  assert.equal(sound.areas.find(({ area }) => area === "stored hashes")!.detail, "400 lines");
  const path = `${home}/stored.jsonl`;
  const lines = await readLines(path);
  const cases: readonly (readonly [AuditCode, RegExp, readonly string[]])[] = [
    [
      "stored-differs",
      /stored\.jsonl, line 8 \| record 7 has id/,
      withField(lines, 7, "hash", "0".repeat(64)),
    ],
    [
      "stored-differs",
      /line 8 \| the log has no record 9000 that was published/,
      withField(lines, 7, "index", "9000"),
    ],
    ["stored-repeated", /stored\.jsonl, line 401 \| record 7 is noted before/, [...lines, lines[7]!]],
    [
      "stored-gap",
      /stored\.jsonl \| record 7 is not noted for local:pot\/audited, 399 is/,
      lines.toSpliced(7, 1),
    ],
    ["stored-line-damaged", /stored\.jsonl, line 8 \| it is not about a stored hash/, lines.with(7, "{}")],
    [
      "ledger-missing",
      /stored\.jsonl, line 8 \| the ledger does not have/,
      withField(lines, 7, "transactionId", crypto.randomUUID()),
    ],
  ];
  for (const [code, says, changed] of cases) {
    await writeLines(path, changed);
    const named = namedIn(await audit(home));
    assert.ok(named.some((line) => line.startsWith(code) && says.test(line)), named.join("\n"));
  }
});

Deno.test("auditLog() does without an index, and says what it did not look for", async () => {
  await using copy = await copyHome(original);
  for (const suffix of ["", "-wal", "-shm"]) {
    await Deno.remove(`${copy.home}/log/index.sqlite${suffix}`).catch(() => {});
  }
  const { outcome, notes, size } = await audit(copy.home);
  assert.deepEqual([outcome, size, notes], ["clean", 400, [
    "there is no index: whether an event stands in the log twice was not looked for",
  ]]);
});

Deno.test("auditLog() counts what it does not list", async () => {
  await using copy = await copyHome(original);
  await changeFile(`${copy.home}/log/tile/0/000`, (bytes) => bytes.fill(1));
  const { findings } = await audit(copy.home);
  const [tiles] = findings;
  assert.deepEqual([tiles!.code, tiles!.count, tiles!.examples.length], ["tile-differs", 256, 20]);
});

Deno.test("auditLog() says that signatures were not checked where nobody knows a key", async () => {
  await using copy = await copyHome(original);
  await changeNote(copy.home, 1);
  const { outcome, notes } = await audit(copy.home, { keys: "unknown" });
  assert.deepEqual([outcome, notes], ["clean", [
    "signatures were not checked, as no key of the log is here",
  ]]);
});
