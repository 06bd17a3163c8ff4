import { openAuditTrail } from "../../../lib/access/audit_trail.ts";
import { signTrailHead } from "../../../lib/access/trail_head.ts";
import { hashTrailLine, type TrailLine } from "../../../lib/access/trail_line.ts";
import { generateNoteKey, importNoteSigner } from "../../../lib/core/note_key.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { makeAuditedHome, ORIGIN, signerKey } from "../../_fakes/audited_home.ts";
import { changeLines, testDamages } from "../../_fakes/damage_home.ts";

let original: string;
Deno.test.beforeAll(async () => {
  original = await makeAuditedHome();
});
Deno.test.afterAll(() => Deno.remove(original, { recursive: true }));

type Lines = readonly string[];

/** Changes the trail as somebody would who also works its hashes out again, from that line on. */
function rewrite(home: string, change: (lines: readonly TrailLine[]) => readonly TrailLine[]) {
  return changeLines(`${home}/access.jsonl`, (lines) => {
    let previous = "0".repeat(64);
    return change(lines.map((line) => JSON.parse(line))).map((line, i) => {
      const bound = { ...line, sequence: i + 1, previous };
      previous = hashTrailLine(bound);
      return JSON.stringify(bound);
    });
  });
}

/** Signs the trail as it is now, with that key. */
async function signAnew(home: string, key: string): Promise<void> {
  const lines = (await Deno.readTextFile(`${home}/access.jsonl`)).trimEnd().split("\n");
  const hash = hashTrailLine(JSON.parse(lines.at(-1)!));
  const head = await signTrailHead({ sequence: lines.length, hash }, await importNoteSigner(key));
  await Deno.writeTextFile(`${home}/access-head.json`, JSON.stringify(head));
}

const changeTrail = (home: string, change: (lines: Lines) => Lines) =>
  changeLines(`${home}/access.jsonl`, (lines) => [...change(lines)]);

testDamages(() => original, [
  {
    name: "a line of the trail is not JSON",
    code: "access-line-damaged",
    says: /access\.jsonl, line 4 \| it is not JSON/,
    damage: (home) => changeTrail(home, (lines) => lines.with(3, lines[3]!.slice(1))),
  },
  {
    name: "a line of the trail has a field that none has",
    code: "access-line-damaged",
    says: /access\.jsonl, line 2 \| it is none of ours/,
    also: ["access-anchor-untold"],
    damage: (home) =>
      changeTrail(home, (lines) => lines.with(1, JSON.stringify({ ...JSON.parse(lines[1]!), note: "x" }))),
  },
  {
    name: "who did it was changed in a line of the trail",
    code: "access-chain-broken",
    says: /access\.jsonl, line 5 \| it names [0-9a-f]{64}, the line before has [0-9a-f]{64}/,
    damage: (home) =>
      changeTrail(home, (lines) => lines.with(3, lines[3]!.replace("ci-trainer", "ci-other"))),
  },
  {
    name: "who did it was changed in the last line of the trail",
    code: "access-head-differs",
    says: /access\.jsonl, line 5 \| it has hash [0-9a-f]{64}, the log's key signed [0-9a-f]{64}/,
    damage: (home) => changeTrail(home, (lines) => lines.with(4, lines[4]!.replace("local", "mallory"))),
  },
  {
    name: "a line in the middle of the trail was taken out",
    code: "access-order",
    says: /access\.jsonl, line 4 \| it says that it is line 5/,
    also: ["access-chain-broken", "access-cut"],
    damage: (home) => changeTrail(home, (lines) => lines.toSpliced(3, 1)),
  },
  {
    name: "two lines of the trail were swapped",
    code: "access-order",
    says: /access\.jsonl, line 3 \| it says that it is line 4/,
    also: ["access-chain-broken"],
    damage: (home) => changeTrail(home, (lines) => lines.with(2, lines[3]!).with(3, lines[2]!)),
  },
  {
    name: "the trail was cut",
    code: "access-cut",
    says: /access\.jsonl \| the log's key signed for 5 lines, there are 3/,
    also: ["access-anchor-untold"],
    damage: (home) => changeTrail(home, (lines) => lines.slice(0, 3)),
  },
  {
    name: "the trail was cut, and its head with it",
    code: "access-cut",
    says: /access-head\.json \| it is gone/,
    also: ["access-anchor-untold"],
    async damage(home) {
      await changeTrail(home, (lines) => lines.slice(0, 3));
      await Deno.remove(`${home}/access-head.json`);
    },
  },
  {
    name: "the trail was removed, and its head forgotten",
    code: "access-cut",
    says: /the log's key signed for 5 lines, there are 0/,
    damage: (home) => Deno.remove(`${home}/access.jsonl`),
  },
  {
    name: "the trail was written anew without a line, its hashes worked out again",
    code: "access-cut",
    says: /the log's key signed for 5 lines, there are 4/,
    damage: (home) => rewrite(home, (lines) => lines.toSpliced(3, 1)),
  },
  {
    name: "the trail was written anew with another line, its hashes worked out again",
    code: "access-head-differs",
    says: /access\.jsonl, line 5/,
    damage: (home) => rewrite(home, (lines) => lines.with(3, { ...lines[3]!, subject: "other" })),
  },
  {
    name: "the trail was written anew and signed by another key",
    code: "access-head-forged",
    says: /access-head\.json \| it is signed by no key of this log/,
    async damage(home) {
      await rewrite(home, (lines) => lines.toSpliced(3, 1));
      await signAnew(home, (await generateNoteKey(ORIGIN)).signerKey);
    },
  },
  {
    name: "the head of the trail is half a file",
    code: "access-head-forged",
    says: /access-head\.json \| it is no signed head/,
    damage: (home) => Deno.truncate(`${home}/access-head.json`, 40),
  },
  {
    name: "the trail was cut by somebody who has the log's key, after which an anchor was sent",
    code: "access-anchor-untold",
    says: /anchors\.jsonl, line 3 \| size 380, anchored 2026-01-31T12:00:00\.000Z: no line allows it/,
    async damage(home) {
      await rewrite(home, (lines) => lines.slice(0, 3));
      await signAnew(home, signerKey);
    },
  },
  {
    name: "a damaged line that the trail went on behind",
    code: "access-line-damaged",
    says: /access\.jsonl, line 5 \| it is not JSON/,
    also: ["access-anchor-untold"],
    async damage(home) {
      await changeTrail(home, (lines) => lines.with(4, lines[4]!.slice(1)));
      const signer = await importNoteSigner(signerKey);
      const trail = openAuditTrail(home, {
        files: denoFiles,
        clock: { now: () => Date.parse("2026-02-01T00:00:00.000Z") },
        signer: () => Promise.resolve(signer),
      });
      const principal = { name: "local", role: "admin" } as const;
      await trail.note({ principal, verb: "writes.pause", subject: "", outcome: "allowed" });
    },
  },
]);
