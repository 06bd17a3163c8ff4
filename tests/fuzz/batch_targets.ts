import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { PotError } from "../../lib/core/errors.ts";
import { leafHash } from "../../lib/core/merkle/leaf_hash.ts";
import { extractProof } from "../../lib/verify/extract_proof.ts";
import { formatBatchProof } from "../../lib/verify/format_batch_proof.ts";
import { parseBatchProof } from "../../lib/verify/parse_batch_proof.ts";
import { verifyBatchProof } from "../../lib/verify/verify_batch_proof.ts";
import { verifyProof } from "../../lib/verify/verify_proof.ts";
import { createBatchFixture, evmFacts, localFacts } from "../_fakes/batch_fixture.ts";
import { mutateBytes, mutateJsonText, pick } from "../_fakes/mutate.ts";
import type { FuzzTarget } from "./fuzz.ts";

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** A batch over two heads, and damaged ones: what is still believed is one of the records, at its place, and its proof holds. */
export async function batchTargets(): Promise<readonly FuzzTarget[]> {
  await using fixture = await createBatchFixture();
  const first = await fixture.grow(["run-1", "b", "c"], 5);
  const second = await fixture.grow(["run-1", "b"], 4);
  await fixture.grow(["run-1"], 2);
  const batch = await fixture.batchOf("run-1", [
    { ...first, facts: evmFacts({ size: first.size }) },
    { ...second, facts: localFacts(second.size, fixture.log.origin) },
  ]);
  const text = await formatBatchProof(batch);
  const places = batch.records.map(({ index, bytes }) => `${index} ${leafHash(bytes).toHex()}`);

  async function tryBatch(mutant: string): Promise<void> {
    const read = await parseBatchProof(mutant);
    assert.deepEqual(await parseBatchProof(await formatBatchProof(read)), read);
    const verdict = await verifyBatchProof(read);
    assert.ok(verdict.checks.every(({ detail }) => detail.length < 2_000), "a detail without an end");
    if (!verdict.ok) return;
    for (const { index, id } of verdict.records) {
      assert.ok(places.includes(`${index} ${id}`), "a record nobody made");
    }
    // Without a gap, from the run's first: it can only be shorter.
    const taken = verdict.records.map(({ index, id }) => `${index} ${id}`);
    const from = places.indexOf(taken[0]!);
    assert.deepEqual(taken, places.slice(from, from + taken.length));
    const { ok } = await verifyProof(extractProof(read, verdict.records[0]!.id));
    assert.ok(ok, "a record of a good batch without a good proof");
  }

  return [
    {
      name: "verifyBatchProof(parseBatchProof())",
      tryOne: (random) => tryBatch(decode(mutateJsonText(text, random))),
    },
    {
      name: "verifyBatchProof() of damaged records and nodes",
      async tryOne(random) {
        const at = Math.floor(random() * batch.records.length);
        const spoilt = batch.records.with(at, {
          index: batch.records[at]!.index,
          bytes: mutateJsonText(decode(batch.records[at]!.bytes), random),
        });
        const mutant = pick([
          { ...batch, nodes: damage(batch.nodes, random) },
          { ...batch, records: damage(batch.records, random) },
          { ...batch, records: spoilt },
        ], random);
        const { ok } = await verifyBatchProof(mutant);
        assert.equal(ok, isDeepStrictEqual(mutant, batch), "a damaged batch is believed");
      },
    },
    {
      name: "parseBatchProof() of damaged gzip",
      async tryOne(random) {
        const json = JSON.parse(text);
        const packed = mutateBytes(Uint8Array.fromBase64(json.records), random);
        try {
          await tryBatch(JSON.stringify({ ...json, records: packed.toBase64() }));
        } catch (error) {
          if (!(error instanceof PotError)) throw error;
          assert.match(error.message, /as (?:records must be|it has not one index)/);
          throw error;
        }
      },
    },
  ];
}

/** One of the list's values left out, doubled, moved or put in another's place. */
function damage<T>(list: readonly T[], random: () => number): readonly T[] {
  const [one, other] = [Math.floor(random() * list.length), Math.floor(random() * list.length)];
  switch (Math.floor(random() * 4)) {
    case 0:
      return list.toSpliced(one, 1);
    case 1:
      return list.toSpliced(other, 0, list[one]!);
    case 2:
      return list.with(one, list[other]!);
    default:
      return list.with(one, list[other]!).with(other, list[one]!);
  }
}
