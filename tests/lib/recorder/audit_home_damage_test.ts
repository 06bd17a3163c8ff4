import { generateNoteKey } from "../../../lib/core/note_key.ts";
import { makeAuditedHome, ORIGIN } from "../../_fakes/audited_home.ts";
import {
  changeFile,
  changeLines,
  changeNote,
  flipped,
  handedOver,
  testDamages,
} from "../../_fakes/damage_home.ts";

let original: string;
Deno.test.beforeAll(async () => {
  original = await makeAuditedHome();
});
Deno.test.afterAll(() => Deno.remove(original, { recursive: true }));

testDamages(() => original, [
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
]);
