import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { signCheckpointNote } from "../../../lib/core/checkpoint_note.ts";
import { encodeRecord } from "../../../lib/core/encode_record.ts";
import { signHandOver } from "../../../lib/core/hand_over.ts";
import { generateNoteKey, importNoteSigner } from "../../../lib/core/note_key.ts";
import { parseRecord } from "../../../lib/core/parse_record.ts";
import type { TrainingRecord } from "../../../lib/core/record.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import type { FileLayer } from "../../../lib/io/file_layer.ts";
import { encodeFrame } from "../../../lib/io/write_ahead_frame.ts";
import type { AuditCode } from "../../../lib/log/audit_codes.ts";
import { decodeBundle, encodeBundle } from "../../../lib/log/entry_bundle.ts";
import type { EventIdentity } from "../../../lib/log/log_state.ts";
import { identifyRecord } from "../../../lib/runtime/open_log.ts";
import {
  audit,
  type AuditOptions,
  copyHome,
  makeAuditedHome,
  namedIn,
  openAuditedLog,
  openHome,
  ORIGIN,
  recordUpTo,
  signerKey,
  verifierKey,
} from "../../_fakes/audited_home.ts";

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
    "contract: skipped, not asked",
  ]);
});

Deno.test("auditLog() finds nothing while others append, publish and replace files", async () => {
  await using copy = await copyHome(original);
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

/** What is done to a home, and the first mismatch that must be named. */
interface Damage {
  readonly name: string;
  readonly code: AuditCode;
  /** Must be in a finding of that code: where, and what. */
  readonly says: RegExp;
  readonly damage: (home: string) => Promise<AuditOptions | void>;
  /** Other codes that follow from the same damage. @default none */
  readonly also?: readonly AuditCode[];
}

const damages: readonly Damage[] = [
  {
    name: "a bit of a record flipped",
    code: "entry-altered",
    says: /log\/tile\/entries\/000, leaf 17 \| the record hashes to [0-9a-f]{64}, recorded was [0-9a-f]{64}/,
    also: ["record-invalid"],
    damage: (home) => changeBundle(home, "000", (entries) => entries.with(17, flipped(entries[17]!, 40))),
  },
  {
    name: "a bit of a record that is only in the write-ahead file flipped, checksum and all",
    code: "entry-altered",
    says: /log\/write-ahead, leaf 390/,
    also: ["record-invalid"],
    damage: (home) => changeTail(home, 390, (bytes) => flipped(bytes, 40)),
  },
  {
    name: "a bit of a tile of leaf hashes flipped",
    code: "tile-differs",
    says: /leaf 5 \| the tile of level 0 has/,
    also: ["anchors-inconsistent"],
    damage: (home) => changeFile(`${home}/log/tile/0/000`, (bytes) => flipped(bytes, 5 * 32 + 3)),
  },
  {
    name: "a bit of a tile of inner hashes flipped",
    code: "tile-differs",
    says: /log\/tile\/1\/000\.p\/1, hash 0/,
    also: ["anchors-inconsistent"],
    damage: (home) => changeFile(`${home}/log/tile/1/000.p/1`, (bytes) => flipped(bytes, 9)),
  },
  {
    name: "a partial tile that is not read any more altered",
    code: "tile-differs",
    says: /log\/tile\/0\/001\.p\/44, hash 43/,
    damage: (home) => changeFile(`${home}/log/tile/0/001.p/44`, (bytes) => flipped(bytes, 43 * 32)),
  },
  {
    name: "a partial tile put beside a full one",
    code: "tile-differs",
    says: /log\/tile\/0\/000\.p\/2, hash 1/,
    async damage(home) {
      const tile = await Deno.readFile(`${home}/log/tile/0/000`);
      await Deno.mkdir(`${home}/log/tile/0/000.p`);
      await Deno.writeFile(`${home}/log/tile/0/000.p/2`, flipped(tile.subarray(0, 64), 40));
    },
  },
  {
    name: "a tile cut off",
    code: "tile-damaged",
    says: /log\/tile\/0\/000 \| it has 8000 bytes in place of 8192/,
    also: ["anchors-inconsistent"],
    damage: (home) => changeFile(`${home}/log/tile/0/000`, (bytes) => bytes.slice(0, 8_000)),
  },
  {
    name: "a tile removed",
    code: "tile-missing",
    says: /log\/tile\/0\/000/,
    also: ["anchors-inconsistent"],
    damage: (home) => Deno.remove(`${home}/log/tile/0/000`),
  },
  {
    name: "a bundle cut off",
    code: "bundle-damaged",
    says: /log\/tile\/entries\/000 \| it is cut off at byte \d+, within entry 25\d of 256/,
    also: ["entry-missing"],
    damage: (home) => changeFile(`${home}/log/tile/entries/000`, (bytes) => bytes.slice(0, -500)),
  },
  {
    name: "a bundle removed",
    code: "bundle-missing",
    says: /log\/tile\/entries\/000/,
    damage: (home) => Deno.remove(`${home}/log/tile/entries/000`),
  },
  {
    name: "an older version of a bundle altered",
    code: "bundle-differs",
    says: /log\/tile\/entries\/001\.p\/44 \| entry 7/,
    damage: (home) => changeBundle(home, "001.p/44", (entries) => entries.with(7, flipped(entries[7]!, 40))),
  },
  {
    name: "a record dropped",
    code: "entry-missing",
    says: /log\/tile\/entries\/000, leaf 100 \| the record [0-9a-f]{64} is not in it/,
    also: ["bundle-damaged"],
    damage: (home) => changeBundle(home, "000", (entries) => entries.toSpliced(100, 1)),
  },
  {
    name: "a record added",
    code: "entry-added",
    says: /log\/tile\/entries\/000, leaf 100/,
    also: ["bundle-damaged"],
    damage: (home) =>
      changeBundle(home, "000", (entries) => entries.toSpliced(100, 0, altered(entries[100]!))),
  },
  {
    name: "two records swapped",
    code: "entries-swapped",
    says: /log\/tile\/entries\/000, leaves 30 and 99/,
    also: ["previous-differs", "index-differs"],
    damage: (home) =>
      changeBundle(home, "000", (entries) => entries.with(30, entries[99]!).with(99, entries[30]!)),
  },
  {
    name: "a record replaced by another sound one",
    code: "entry-altered",
    says: /log\/tile\/entries\/000, leaf 60/,
    also: ["index-differs"],
    damage: (home) => changeBundle(home, "000", (entries) => entries.with(60, altered(entries[60]!))),
  },
  {
    name: "history rewritten, with all that is derived from it, and signed again",
    code: "anchor-differs",
    says:
      /anchors\.jsonl, line 2 \| history before leaf 300 was rewritten after it was anchored at 2026-01-31T12:00:00\.000Z in the local ledger, line 2: .*; the first 100 records are as they were anchored/,
    also: ["ledger-differs"],
    damage: (home) => rewriteHistory(home, 120),
  },
  {
    name: "an old backup of the log restored",
    code: "anchor-beyond-log",
    says: /anchors\.jsonl, line 3 \| size 380 was anchored at .*; the log has 300 records/,
    also: ["ledger-differs"],
    damage: (home) => rewriteHistory(home, undefined, 300),
  },
  {
    name: "a byte in the middle of the write-ahead file flipped",
    code: "write-ahead-damaged",
    says: /log\/write-ahead, leaf \d+ \| place: byte \d+; found: a broken frame that intact ones follow/,
    also: ["records-lost"],
    damage: (home) => changeFile(`${home}/log/write-ahead`, (bytes) => flipped(bytes, 200)),
  },
  {
    name: "the newest record torn off",
    code: "records-lost",
    says: /log\/write-ahead \| the index knows 400 records, the log has 3\d\d that can be read/,
    damage: (home) => changeFile(`${home}/log/write-ahead`, (bytes) => flipped(bytes, bytes.length - 20)),
  },
  {
    name: "the write-ahead file removed",
    code: "write-ahead-missing",
    says: /there is no such file/,
    also: ["records-lost"],
    damage: (home) => Deno.remove(`${home}/log/write-ahead`),
  },
  {
    name: "a published record of the write-ahead file replaced, checksum and all",
    code: "write-ahead-differs",
    says: /log\/write-ahead, leaf 350/,
    also: ["index-differs"],
    damage: (home) => changeTail(home, 350, altered),
  },
  {
    name: "the checkpoint's root changed",
    code: "checkpoint-differs",
    says: /log\/checkpoint \| size 380: it has root/,
    also: ["note-forged"],
    damage: (home) =>
      changeText(`${home}/log/checkpoint`, (text) => {
        const [origin, size, root, ...rest] = text.split("\n");
        return [origin, size, `A${root!.slice(1)}`, ...rest].join("\n");
      }),
  },
  {
    name: "the checkpoint's signature changed",
    code: "note-forged",
    says: /log\/checkpoint \| size 380: no key of the log signed it/,
    damage: (home) => changeText(`${home}/log/checkpoint`, (text) => text.replace(/..(.)=\n$/, "AA$1=\n")),
  },
  {
    name: "the checkpoint is no note",
    code: "checkpoint-damaged",
    says: /log\/checkpoint \| Cannot read the checkpoint note/,
    damage: (home) => Deno.writeTextFile(`${home}/log/checkpoint`, "nothing\n"),
    also: ["checkpoint-missing"],
  },
  {
    name: "the checkpoint removed",
    code: "checkpoint-missing",
    says: /log\/checkpoint \| there is none, but 300 were published/,
    damage: (home) => Deno.remove(`${home}/log/checkpoint`),
  },
  {
    name: "an id in the index changed",
    code: "index-differs",
    says: /log\/index\.sqlite, leaf 9 \| its id is not the record's/,
    damage: (home) => changeIndex(home, "UPDATE entry SET id = zeroblob(32) WHERE position = 9"),
  },
  {
    name: "an id in the index of a record that is not published changed",
    code: "index-differs",
    says: /log\/index\.sqlite, leaf 390 \| its id is not the record's/,
    damage: (home) => changeIndex(home, "UPDATE entry SET id = zeroblob(32) WHERE position = 390"),
  },
  {
    name: "an event key in the index changed",
    code: "index-differs",
    says: /log\/index\.sqlite, leaf 9 \| its event key is not the record's/,
    damage: (home) => changeIndex(home, "UPDATE entry SET eventKey = zeroblob(32) WHERE position = 9"),
  },
  {
    name: "an entry of the index removed",
    code: "index-differs",
    says: /log\/index\.sqlite, leaf 9 \| the index has no entry for it/,
    damage: (home) => changeIndex(home, "DELETE FROM entry WHERE position = 9"),
  },
  {
    name: "an entry added to the index",
    code: "index-differs",
    says: /log\/index\.sqlite \| it holds 401 entries/,
    damage: (home) =>
      changeIndex(
        home,
        "INSERT INTO entry SELECT 5000, id, eventKey, run, 0, 0, 0 FROM entry WHERE position = 9",
      ),
  },
  {
    name: "a hash of the index removed",
    code: "index-differs",
    says: /log\/index\.sqlite, leaf 9 \| the index does not find it by its id or event/,
    damage: (home) => changeIndex(home, "DELETE FROM hash WHERE position = 9"),
  },
  {
    name: "the last hash of the index removed",
    code: "index-differs",
    says: /log\/index\.sqlite, leaf \d+ \| the index does not find it by its id or event/,
    damage: (home) => changeIndex(home, "DELETE FROM hash WHERE prefix = (SELECT max(prefix) FROM hash)"),
  },
  {
    name: "a hash added to the index",
    code: "index-differs",
    says: /log\/index\.sqlite, leaf 9 \| the index finds it under a hash that is none of its own/,
    damage: (home) => changeIndex(home, "INSERT INTO hash VALUES (0, 12345, 9)"),
  },
  {
    name: "a place in the index changed",
    code: "index-differs",
    says: /log\/index\.sqlite, leaf 390 \| it looks for the record at byte 7 /,
    async damage(home) {
      // A copy is another file, whose places the index has yet to learn.
      await (await openAuditedLog(`${home}/log`))[Symbol.asyncDispose]();
      await changeIndex(home, 'UPDATE entry SET "offset" = 7 WHERE position = 390');
    },
  },
  {
    name: "a run's count in the index changed",
    code: "index-differs",
    says: /log\/index\.sqlite, run run-2 \| it counts 7 records/,
    damage: (home) => changeIndex(home, "UPDATE run SET recordCount = 7 WHERE runId = 'run-2'"),
  },
  {
    name: "a record of the index put into another run",
    code: "index-differs",
    says: /log\/index\.sqlite, leaf 9 \| its run is run-1, by the record run-0/,
    damage: (home) =>
      changeIndex(
        home,
        "UPDATE entry SET run = (SELECT run FROM run WHERE runId = 'run-1') WHERE position = 9",
      ),
  },
  {
    name: "a page of the index overwritten",
    code: "index-damaged",
    says: /log\/index\.sqlite/,
    async damage(home) {
      await changeIndex(home, "PRAGMA wal_checkpoint(TRUNCATE)");
      await changeFile(`${home}/log/index.sqlite`, (bytes) => bytes.fill(0x5a, 4096 * 8, 4096 * 20));
    },
    also: ["index-differs"],
  },
  {
    name: "an anchor's note signed by another key",
    code: "note-forged",
    says: /anchors\.jsonl, line 2 \| size 300: no key of the log signed it/,
    damage: (home) => changeNote(home, 1),
  },
  {
    name: "an anchor's note signed by a key that had retired",
    code: "key-range-violated",
    says: /anchors\.jsonl, line 2 \| size 300: signed by key 1, for sizes from 0 to 200/,
    async damage(home) {
      const next = await generateNoteKey(ORIGIN);
      return { keys: await handedOver(home, next.signerKey, 200n) };
    },
  },
  {
    name: "an anchor's note is over another head",
    code: "anchor-line-damaged",
    says: /anchors\.jsonl, line 2 \| its note is over size 100 and another head than the 300 beside it/,
    damage: (home) =>
      changeLines(
        `${home}/anchors.jsonl`,
        (lines) =>
          lines.with(1, JSON.stringify({ ...JSON.parse(lines[1]!), note: JSON.parse(lines[0]!).note })),
      ),
  },
  {
    name: "a line of the anchors is not JSON",
    code: "anchor-line-damaged",
    says: /anchors\.jsonl, line 1 \| it is not JSON/,
    damage: (home) => changeLines(`${home}/anchors.jsonl`, (lines) => lines.with(0, lines[0]!.slice(1))),
  },
  {
    name: "two anchors of one size contradict each other",
    code: "anchor-conflict",
    says: /anchors\.jsonl, line 4 \| size 300: root 0{64}, in anchors\.jsonl, line 2/,
    also: ["anchor-line-damaged", "anchor-differs", "ledger-missing"],
    damage: (home) =>
      changeLines(`${home}/anchors.jsonl`, (lines) => [
        ...lines,
        JSON.stringify({ ...JSON.parse(lines[1]!), root: "0".repeat(64) }),
      ]),
  },
  {
    name: "a hash in the ledger changed",
    code: "ledger-line-damaged",
    says: /provenance_records\.jsonl, line 2 \| its hash is not the root that it says/,
    also: ["ledger-missing"],
    damage: (home) =>
      changeLines(
        `${home}/provenance_records.jsonl`,
        (lines) => lines.with(1, JSON.stringify({ ...JSON.parse(lines[1]!), hash: "0".repeat(64) })),
      ),
  },
  {
    name: "a bit of the ledger flipped",
    code: "ledger-line-damaged",
    says: /provenance_records\.jsonl, line 1 \| it is not/,
    also: ["ledger-missing"],
    damage: (home) => changeFile(`${home}/provenance_records.jsonl`, (bytes) => flipped(bytes, 1)),
  },
  {
    name: "lines of the ledger put into another order",
    code: "ledger-order",
    says: /provenance_records\.jsonl, line 1 \| it says that it is line 2/,
    also: ["ledger-missing"],
    damage: (home) => changeLines(`${home}/provenance_records.jsonl`, ([a, b, ...rest]) => [b!, a!, ...rest]),
  },
  {
    name: "a line of the ledger dropped",
    code: "ledger-missing",
    says: /anchors\.jsonl, line 2 \| size 300: it has no line/,
    also: ["ledger-order"],
    damage: (home) => changeLines(`${home}/provenance_records.jsonl`, (lines) => lines.toSpliced(1, 1)),
  },
  {
    name: "a line of the ledger repeated",
    code: "ledger-repeated",
    says: /provenance_records\.jsonl, line 4 \| its (?:id|key) is that of line 3/,
    also: ["ledger-order"],
    damage: (home) => changeLines(`${home}/provenance_records.jsonl`, (lines) => [...lines, lines[2]!]),
  },
  {
    name: "a manifest removed",
    code: "manifest-missing",
    says: /manifests\/[0-9a-f]{64}\.json \| the record at leaf 379 names it/,
    damage: (home) => Deno.remove(`${home}/manifests`, { recursive: true }),
  },
  {
    name: "a manifest changed",
    code: "manifest-altered",
    says: /manifests\/[0-9a-f]{64}\.json \| its SHA-256 is/,
    async damage(home) {
      const [{ name }] = await Array.fromAsync(Deno.readDir(`${home}/manifests`)) as [Deno.DirEntry];
      await changeFile(`${home}/manifests/${name}`, (bytes) => flipped(bytes, 3));
    },
  },
  {
    name: "an entry that is no record",
    code: "record-invalid",
    says: /log\/write-ahead, leaf 400 \| Cannot read the record/,
    damage: (home) => appendRaw(home, () => new TextEncoder().encode('{"schema":"pot-record/1"} ')),
  },
  {
    name: "a record that names another before it",
    code: "previous-differs",
    says:
      /log\/write-ahead, leaf 400 \| it names (?:ab){32} before it, the log has [0-9a-f]{64} of run run-0/,
    damage: (home) =>
      appendRaw(
        home,
        (newest) => encodeRecord({ ...newest, runId: "run-0", step: 999, previous: "ab".repeat(32) }),
      ),
  },
];

for (const { name, code, says, damage, also = [] } of damages) {
  Deno.test(`auditLog() names it: ${name}`, async () => {
    await using copy = await copyHome(original);
    const options = await damage(copy.home) ?? {};
    const report = await audit(copy.home, options);
    const named = namedIn(report);
    assert.equal(report.outcome, "mismatch");
    const ofCode = named.filter((line) => line.startsWith(`${code} |`));
    assert.ok(ofCode.some((line) => says.test(line)), `no ${code} that says ${says}:\n${named.join("\n")}`);
    const expected = new Set<string>([code, ...also]);
    const others = named.filter((line) => !expected.has(line.split(" | ")[0]!));
    assert.deepEqual(others, [], "more than what was done");
    for (const { meaning, advice } of report.findings) assert.ok(meaning !== "" && advice !== "");
  });
}

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
  await Deno.remove(`${home}/anchors.jsonl`);
  await Deno.remove(`${home}/provenance_records.jsonl`);
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

// What is done to a home.

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.with(at, bytes[at]! ^ 0x01);
}

/** Another sound record in a record's place. */
function altered(bytes: Uint8Array): Uint8Array {
  return encodeRecord({ ...parseRecord(bytes), metrics: { loss: 0.000_1 } });
}

async function changeFile(path: string, change: (bytes: Uint8Array) => Uint8Array): Promise<void> {
  await Deno.writeFile(path, change(await Deno.readFile(path)));
}

async function changeText(path: string, change: (text: string) => string): Promise<void> {
  const text = await Deno.readTextFile(path);
  assert.notEqual(change(text), text);
  await Deno.writeTextFile(path, change(text));
}

async function readLines(path: string): Promise<string[]> {
  return (await Deno.readTextFile(path)).trimEnd().split("\n");
}

async function writeLines(path: string, lines: readonly string[]): Promise<void> {
  await Deno.writeTextFile(path, `${lines.join("\n")}\n`);
}

async function changeLines(path: string, change: (lines: string[]) => readonly string[]): Promise<void> {
  await writeLines(path, change(await readLines(path)));
}

function withField(lines: readonly string[], at: number, name: string, value: string): readonly string[] {
  return lines.with(at, JSON.stringify({ ...JSON.parse(lines[at]!), [name]: value }));
}

async function changeBundle(
  home: string,
  name: string,
  change: (entries: readonly Uint8Array[]) => readonly Uint8Array[],
): Promise<void> {
  await changeFile(
    `${home}/log/tile/entries/${name}`,
    (bytes) => encodeBundle(change(decodeBundle(bytes)!.map((entry) => entry.bytes))),
  );
}

/** Changes a record of the write-ahead file, whose first is number 300, and makes the checksums fit again. */
async function changeTail(
  home: string,
  position: number,
  change: (bytes: Uint8Array) => Uint8Array,
): Promise<void> {
  await changeFile(`${home}/log/write-ahead`, (bytes) => {
    const frames: Uint8Array[] = [];
    let next = 300;
    for (let at = 0; at < bytes.length;) {
      const length = new DataView(bytes.buffer, at + 4).getUint32(0);
      const payload = bytes.subarray(at + 16, at + 16 + length);
      at += 16 + length;
      if (frames.length === 0) {
        frames.push(encodeFrame(payload));
        continue;
      }
      const entries = decodeBundle(payload)!.map((entry) => entry.bytes);
      frames.push(
        encodeFrame(encodeBundle(entries.map((entry, i) => next + i === position ? change(entry) : entry))),
      );
      next += entries.length;
    }
    return new Uint8Array(frames.flatMap((frame) => [...frame]));
  });
}

function changeIndex(home: string, statement: string): Promise<void> {
  const database = new DatabaseSync(`${home}/log/index.sqlite`);
  database.exec(statement);
  database.close();
  return Promise.resolve();
}

/** Signs an anchor's note again, with a key that nobody knows. */
async function changeNote(home: string, line: number): Promise<void> {
  const signer = await importNoteSigner((await generateNoteKey(ORIGIN)).signerKey);
  const lines = await readLines(`${home}/anchors.jsonl`);
  const anchor = JSON.parse(lines[line]!);
  const head = { origin: ORIGIN, size: BigInt(anchor.size), root: Uint8Array.fromHex(anchor.root) };
  const note = await signCheckpointNote(head, signer);
  await writeLines(`${home}/anchors.jsonl`, withField(lines, line, "note", note));
}

/** The keys of a log that handed over at a size that it had. */
async function handedOver(home: string, nextSignerKey: string, size: bigint) {
  const [from, to] = await Promise.all([importNoteSigner(signerKey), importNoteSigner(nextSignerKey)]);
  await using log = await openAuditedLog(`${home}/log`);
  const { root } = await log.headAt(size);
  const handOver = await signHandOver({ origin: ORIGIN, size, root }, { from, to });
  return [
    { verifierKey, from: 0n, to: size },
    { verifierKey: to.verifierKey, from: size, handOver },
  ];
}

/** Replaces the log by one with another history from that record on, signed by the same key. */
async function rewriteHistory(home: string, from: number | undefined, size = 400): Promise<void> {
  const records: Uint8Array[] = [];
  {
    await using log = await openAuditedLog(`${home}/log`);
    for await (const bytes of log.entries(0n, BigInt(size))) records.push(bytes);
  }
  await Deno.remove(`${home}/log`, { recursive: true });
  await using log = await openAuditedLog(`${home}/log`);
  for (const [i, bytes] of records.entries()) {
    const { previous: _, ...record } = parseRecord(bytes);
    const changed: TrainingRecord = i === from ? { ...record, metrics: { loss: 0 } } : record;
    await log.append({
      ...identifyRecord(encodeRecord(changed)),
      build: (previous) => encodeRecord({ ...changed, ...(previous === undefined ? {} : { previous }) }),
    });
    if (i + 1 === 300 || i + 1 === 380) await log.checkpoint();
  }
}

/** Appends an entry as no recorder would. */
async function appendRaw(
  home: string,
  make: (newest: TrainingRecord) => Uint8Array,
  eventKey?: Uint8Array,
): Promise<void> {
  await using log = await openAuditedLog(`${home}/log`);
  const newest = parseRecord((await log.entry(399n))!);
  const bytes = make(newest);
  let identity: EventIdentity = { runId: newest.runId, eventKey: crypto.getRandomValues(new Uint8Array(32)) };
  try {
    identity = identifyRecord(bytes);
  } catch {
    // No record: any key will do.
  }
  await log.append({ ...identity, ...(eventKey && { eventKey }), build: () => bytes });
}
