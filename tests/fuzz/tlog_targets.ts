import assert from "node:assert/strict";
import { parseCheckpointNote, signCheckpointNote } from "../../lib/core/checkpoint_note.ts";
import { findCosignature } from "../../lib/core/cosignature.ts";
import { equalBytes } from "../../lib/core/equal_bytes.ts";
import { leafHash } from "../../lib/core/merkle/leaf_hash.ts";
import { createMerkleTree } from "../../lib/core/merkle/merkle_tree.ts";
import { generateNoteKey, importNoteSigner, parseWitnessKey } from "../../lib/core/note_key.ts";
import { askWitness } from "../../lib/log/ask_witness.ts";
import { checkServedLog } from "../../lib/log/check_served_log.ts";
import { encodeBundle } from "../../lib/log/entry_bundle.ts";
import type { ServedFiles } from "../../lib/log/served_files.ts";
import { formatTlogProof, parseTlogProof, verifyTlogProof } from "../../lib/verify/tlog_proof.ts";
import { makeCosigner } from "../_fakes/cosigner.ts";
import { mutateBytes, pick } from "../_fakes/mutate.ts";
import type { FuzzTarget } from "./fuzz.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const ORIGIN = "pot/test";
const NAME = "witness.example/w1";

/** What comes from other transparency logs, from witnesses, and from servers that publish ours. */
export async function tlogTargets(): Promise<readonly FuzzTarget[]> {
  const { signerKey, verifierKey } = await generateNoteKey(ORIGIN);
  const entries = Array.from({ length: 5 }, (_, i) => encode(`entry ${i}`));
  const leaves = entries.map(leafHash);
  const tree = createMerkleTree(leaves);
  const head = { origin: ORIGIN, size: 5n, root: tree.root() };
  const note = await signCheckpointNote(head, await importNoteSigner(signerKey));
  const { text } = parseCheckpointNote(note);
  const cosigner = await makeCosigner(NAME);
  const witness = parseWitnessKey(cosigner.witnessKey);
  const line = await cosigner.cosign(text, 1_790_000_000n);

  const proof = { index: 2n, path: tree.inclusionPath(2n), checkpoint: note + line, extra: entries[2]! };
  const proofTarget: FuzzTarget = {
    name: "parseTlogProof()",
    async tryOne(random) {
      const mutant = decode(mutateBytes(encode(formatTlogProof(proof)), random));
      const parsed = parseTlogProof(mutant);
      // One spelling a proof.
      assert.equal(formatTlogProof(parsed), mutant);
      const holds = await verifyTlogProof(parsed, { entry: entries[2]!, logKey: verifierKey });
      if (!holds) return;
      assert.deepEqual([parsed.index, parsed.path], [proof.index, proof.path]);
      assert.equal(parseCheckpointNote(parsed.checkpoint).text, text);
    },
  };

  const cosignatureTarget: FuzzTarget = {
    name: "findCosignature()",
    async tryOne(random) {
      const mutant = parseCheckpointNote(decode(mutateBytes(encode(note + line), random)));
      const found = await findCosignature(mutant, witness);
      if (found.outcome !== "valid") return;
      assert.deepEqual([mutant.text, found.cosignature.time], [text, 1_790_000_000n]);
    },
  };

  const witnessTarget: FuzzTarget = {
    name: "askWitness()",
    async tryOne(random) {
      const body = mutateBytes(encode(pick([line, "5\n", `${text}\n${line}`, line + line], random)), random);
      const status = pick([200, 200, 200, 409, 404, 422, 503], random);
      const headers = { "content-type": pick(["text/x.tlog.size", "text/plain"], random) };
      const answer = await askWitness({ prefix: "https://witness.example", keys: [witness] }, {
        oldSize: 0n,
        path: [],
        note,
      }, { fetch: () => Promise.resolve(new Response(body.slice(), { status, headers })) });
      if (answer.kind === "conflict") return assert.ok(answer.size < 1n << 63n);
      const parsed = parseCheckpointNote(answer.note);
      assert.equal(parsed.text, text);
      assert.equal((await findCosignature(parsed, witness)).outcome, "valid");
    },
  };

  const published: Readonly<Record<string, Uint8Array>> = {
    checkpoint: encode(note),
    "tile/0/000.p/5": Uint8Array.from(leaves.flatMap((hash) => [...hash])),
    "tile/entries/000.p/5": encodeBundle(entries),
  };
  const servedTarget: FuzzTarget = {
    name: "checkServedLog()",
    async tryOne(random) {
      const changed = pick(Object.keys(published), random);
      const mutant = mutateBytes(published[changed]!, random);
      const files: ServedFiles = {
        name: "memory",
        get(path) {
          const bytes = path === changed ? mutant : published[path];
          return Promise.resolve(
            bytes ? { isFound: true, bytes } : { isFound: false, because: "it is gone" },
          );
        },
      };
      const { problems } = await checkServedLog(files, { keys: [{ verifierKey, from: 0n }] });
      // More signatures, or none of the log's own changed, are no problem of a checkpoint.
      const isHarmless = equalBytes(mutant, published[changed]!) ||
        changed === "checkpoint" && decode(mutant).startsWith(`${text}\n`);
      if (isHarmless) return;
      assert.ok(problems.length > 0, `${changed} was changed, and nobody saw it`);
      for (const { path, problem } of problems) assert.ok(path.length + problem.length < 500);
    },
  };
  return [proofTarget, cosignatureTarget, witnessTarget, servedTarget];
}
