import { encodeRecord } from "../../../lib/core/encode_record.ts";
import { makeAuditedHome } from "../../_fakes/audited_home.ts";
import {
  altered,
  appendRaw,
  changeBundle,
  changeFile,
  changeTail,
  changeText,
  flipped,
  rewriteHistory,
  testDamages,
} from "../../_fakes/damage_home.ts";

let original: string;
Deno.test.beforeAll(async () => {
  original = await makeAuditedHome();
});
Deno.test.afterAll(() => Deno.remove(original, { recursive: true }));

testDamages(() => original, [
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
]);
