import assert from "node:assert/strict";
import fc from "fast-check";
import {
  parseCheckpointNote,
  signCheckpointNote,
  verifyCheckpointNote,
} from "../../../lib/core/checkpoint_note.ts";
import { isHandOver, nextKeyOf, signHandOver } from "../../../lib/core/hand_over.ts";
import { formatLogKeys, type LogKey, mayVouchFor, parseLogKeys } from "../../../lib/core/log_keys.ts";
import { generateNoteKey, importNoteSigner, type NoteSigner } from "../../../lib/core/note_key.ts";

const ORIGIN = "pot/keys";

async function makeSigner(name = ORIGIN): Promise<NoteSigner> {
  return await importNoteSigner((await generateNoteKey(name)).signerKey);
}

const [first, second, third, stranger] = await Promise.all([1, 2, 3, 4].map(() => makeSigner()));
const headAt = (size: bigint) => ({ origin: ORIGIN, size, root: new Uint8Array(32).fill(Number(size)) });
const toSecond = await signHandOver(headAt(8n), { from: first!, to: second! });
const toThird = await signHandOver(headAt(20n), { from: second!, to: third! });

const keys: readonly LogKey[] = [
  { verifierKey: first!.verifierKey, from: 0n, to: 8n },
  { verifierKey: second!.verifierKey, from: 8n, to: 20n, handOver: toSecond },
  { verifierKey: third!.verifierKey, from: 20n, handOver: toThird },
];
const text = JSON.stringify(formatLogKeys(keys));
// deno-lint-ignore no-explicit-any
type Json = any;

Deno.test("signHandOver() makes a checkpoint that both keys signed and that names the next", async () => {
  const { origin, size, root, signatures } = parseCheckpointNote(toSecond);
  assert.deepEqual([origin, size, root, signatures.length], [ORIGIN, 8n, headAt(8n).root, 2]);
  for (const { verifierKey } of [first!, second!]) {
    assert.ok(await verifyCheckpointNote(toSecond, verifierKey));
  }
  assert.equal(nextKeyOf(toSecond), second!.verifierKey);
  const handOver = { from: first!.verifierKey, to: second!.verifierKey, size: 8n };
  assert.equal(await isHandOver(toSecond, handOver), true);
});

Deno.test("isHandOver() is false unless the old key signed the new one's name", async () => {
  const handOver = { from: first!.verifierKey, to: stranger!.verifierKey, size: 8n };
  const ordinary = await signCheckpointNote(headAt(8n), first!);
  const added = (await signCheckpointNote(headAt(8n), stranger!)).split("\n\n")[1]!;
  const forged = await signHandOver(headAt(8n), { from: stranger!, to: stranger! });
  const notes = [
    ordinary,
    // Anybody can do this to a published checkpoint.
    `${ordinary}${added}`,
    toSecond,
    forged,
    toSecond.replace(second!.verifierKey, stranger!.verifierKey),
    "",
    "not a note",
  ];
  for (const note of notes) assert.equal(await isHandOver(note, handOver), false, note);
  const right = { ...handOver, to: second!.verifierKey };
  assert.equal(await isHandOver(toSecond, right), true);
  assert.equal(await isHandOver(toSecond, { ...right, size: 9n }), false);
  assert.equal(await isHandOver(toSecond, { ...right, from: right.to, to: right.from }), false);
  const elsewhere = await signHandOver({ ...headAt(8n), origin: "pot/other" }, { from: first!, to: second! });
  assert.equal(await isHandOver(elsewhere, right), false);
});

Deno.test("mayVouchFor() lets a key vouch for its own sizes, ends included", () => {
  const may = (sizes: readonly bigint[], key: Pick<LogKey, "from" | "to">) =>
    sizes.map((size) => mayVouchFor(key, size));
  assert.deepEqual(may([7n, 8n, 20n, 21n], { from: 8n, to: 20n }), [false, true, true, false]);
  assert.deepEqual(may([19n, 20n, 1n << 62n], { from: 20n }), [false, true, true]);
});

Deno.test("parseLogKeys() reads what formatLogKeys() writes", async () => {
  assert.deepEqual(await parseLogKeys(text), keys);
  const alone = [{ verifierKey: first!.verifierKey, from: 0n }];
  assert.deepEqual(await parseLogKeys(JSON.stringify(formatLogKeys(alone))), alone);
});

const changes: readonly (readonly [string, (set: Json) => unknown, string])[] = [
  ["no key", (set) => ({ ...set, keys: [] }), "it holds no key"],
  ["no list", (set) => ({ ...set, keys: {} }), "keys is not a list of at most 1000"],
  ["another origin", (set) => ({ ...set, origin: "pot/x" }), "its origin is not its keys'"],
  ["a surplus field", (set) => ({ ...set, x: 1 }), 'it has the unknown field "x"'],
  ["a surplus key field", (set) => (set.keys[1].x = 1, set), 'key 2 has the unknown field "x"'],
  [
    "a key twice",
    (set) => (set.keys[2].verifierKey = set.keys[0].verifierKey, set),
    "key 3 stands in it twice",
  ],
  ["a wider range", (set) => (set.keys[0].to = "9", set), "key 1 does not end where the next one begins"],
  ["no end", (set) => (delete set.keys[0].to, set), "key 1 does not end where the next one begins"],
  [
    "an end of the last",
    (set) => (set.keys[2].to = "30", set),
    "key 3 does not end where the next one begins",
  ],
  ["a later first", (set) => (set.keys[0].from = "1", set), "key 1 begins at a size that does not follow"],
  [
    "sizes that go back",
    (set) => (set.keys[2].from = "7", set),
    "key 3 begins at a size that does not follow",
  ],
  [
    "a number",
    (set) => (set.keys[1].from = 8, set),
    "key 2 has a size that is not a decimal string below 2^63",
  ],
  [
    "2^63",
    (set) => (set.keys[2].from = `${1n << 63n}`, set),
    "key 3 has a size that is not a decimal string",
  ],
  ["no hand-over", (set) => (delete set.keys[1].handOver, set), "key 2 has no hand-over"],
  ["another hand-over", (set) => (set.keys[1].handOver = toThird, set), "key 1 did not hand over to key 2"],
  [
    "a key left out",
    (set) => (set.keys.splice(1, 1), set.keys[0].to = "20", set),
    "key 1 did not hand over to key 2",
  ],
  [
    "a moved switch",
    (set) => (set.keys[0].to = set.keys[1].from = "9", set),
    "key 1 did not hand over to key 2",
  ],
  [
    "another key",
    (set) => (set.keys[2].verifierKey = stranger!.verifierKey, set),
    "key 2 did not hand over to key 3",
  ],
  ["no key text", (set) => (set.keys[0].verifierKey = "x", set), "key 1 is no verifier key"],
  ["no schema", (set) => ({ keys: set.keys }), "it is no set of log keys"],
  ["null", () => null, "it is no set of log keys"],
];

for (const [name, change, reason] of changes) {
  Deno.test(`parseLogKeys() refuses a set with ${name}`, async () => {
    await assert.rejects(parseLogKeys(JSON.stringify(change(JSON.parse(text)))), (error: Error) => {
      assert.ok(error.message.startsWith(`Cannot read the log keys as ${reason}`), error.message);
      return true;
    });
  });
}

Deno.test("parseLogKeys() says that a newer format is not known", async () => {
  await assert.rejects(parseLogKeys(text.replace("pot-log-keys/1", "pot-log-keys/2")), {
    name: "UsageError",
    message: "Cannot read the log keys as their format version is not known",
    facts: ['schema: "pot-log-keys/2"'],
  });
});

Deno.test("parseLogKeys() accepts no set in which a byte was changed, but for white space", async () => {
  const compact = formatLogKeys(keys);
  await fc.assert(
    fc.asyncProperty(fc.nat(text.length - 1), fc.constantFrom(...'A0z+="{}[],:/ \\'), async (at, by) => {
      const changed = text.slice(0, at) + by + text.slice(at + 1);
      const read = await parseLogKeys(changed).catch((error) => {
        assert.match(error.message, /^Cannot read the log keys as /);
        return undefined;
      });
      if (read !== undefined) assert.deepEqual(formatLogKeys(read), compact);
    }),
    { numRuns: 300 },
  );
});
