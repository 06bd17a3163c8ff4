import assert from "node:assert/strict";
import { PotError } from "../../../../lib/core/errors.ts";
import { createRowHasherChoice } from "../../../../lib/core/merkle/fastest_row_hasher.ts";
import { nobleRowHasher } from "../../../../lib/core/merkle/noble_row_hasher.ts";
import type { RowHasher } from "../../../../lib/core/merkle/row_hasher.ts";
import { createSimdRowHasher } from "../../../../lib/core/merkle/simd_row_hasher.ts";
import { patternBytes } from "./pattern_bytes.ts";
import { createMerkleTree } from "../../../../lib/core/merkle/merkle_tree.ts";

const ROOT = new URL("../../../../", import.meta.url);

Deno.test("createRowHasherChoice() starts the engine once, with the first tree of 64 leaves or more", () => {
  let starts = 0;
  const choice = createRowHasherChoice(() => {
    starts++;
    return createSimdRowHasher();
  });
  for (const leafCount of [0, 1, 63]) assert.equal(choice.forLeaves(leafCount), nobleRowHasher);
  assert.equal(starts, 0);
  const engine = choice.forLeaves(64);
  assert.equal(engine.name, "wasm-simd");
  assert.equal(choice.forLeaves(1 << 20), engine);
  assert.equal(choice.forLeaves(63), nobleRowHasher);
  assert.equal(starts, 1);
  assert.equal(choice.failure, undefined);
});

/** Engines that are wrong in one way each. */
const broken: Readonly<Record<string, RowHasher["hashPairs"]>> = {
  "flips a bit of the first hash": spoiled((hashes) => hashes[0]! ^= 1),
  "flips a bit of the last full lane": spoiled((hashes) => hashes[3 * 32 + 31]! ^= 0x80),
  "flips a bit of the last, partial group": spoiled((hashes) => hashes[hashes.length - 1]! ^= 1),
  "swaps two lanes": spoiled((hashes) => {
    const lane = hashes.slice(32, 64);
    hashes.copyWithin(32, 64, 96);
    hashes.set(lane, 64);
  }),
  "forgets the last hash": spoiled((hashes) => hashes.fill(0, hashes.length - 32)),
  "writes nothing": () => {},
  "changes its input": (nodes, from, to, pairCount) => {
    nobleRowHasher.hashPairs(nodes, from, to, pairCount);
    nodes[from]! ^= 1;
  },
};

function spoiled(spoil: (hashes: Uint8Array) => unknown): RowHasher["hashPairs"] {
  return (nodes, from, to, pairCount) => {
    nobleRowHasher.hashPairs(nodes, from, to, pairCount);
    spoil(nodes.subarray(to, to + 32 * pairCount));
  };
}

for (const [fault, hashPairs] of Object.entries(broken)) {
  Deno.test(`createRowHasherChoice() falls back to the reference when the engine ${fault}`, () => {
    const choice = createRowHasherChoice(() => ({ name: "wasm-simd", hashPairs }));
    assert.equal(choice.forLeaves(64), nobleRowHasher);
    assert.ok(choice.failure instanceof PotError);
    assert.equal(
      choice.failure.message,
      "Cannot hash trees fast as the engine and @noble/hashes disagree",
    );
    assert.deepEqual(choice.failure.facts, ["engine: wasm-simd"]);
  });
}

Deno.test("createRowHasherChoice() falls back to the reference when the engine throws, and tries only once", () => {
  const boom = new WebAssembly.CompileError("no SIMD");
  let starts = 0;
  const choice = createRowHasherChoice(() => {
    starts++;
    throw boom;
  });
  assert.equal(choice.forLeaves(64), nobleRowHasher);
  assert.equal(choice.forLeaves(1000), nobleRowHasher);
  assert.equal(choice.failure, boom);
  assert.equal(starts, 1);
});

/** The root and the hasher in a process of its own, started with a flag for V8. */
async function inProcess(flag: string): Promise<{ name: string; failure: string; root: string }> {
  const program = `
    import { rowHashers } from "${new URL("lib/core/merkle/fastest_row_hasher.ts", ROOT)}";
    import { merkleRoot } from "${new URL("lib/core/merkle/merkle_root.ts", ROOT)}";
    import { patternBytes } from "${new URL("tests/lib/core/merkle/pattern_bytes.ts", ROOT)}";
    const { name } = rowHashers.forLeaves(100);
    const root = merkleRoot(patternBytes(3200, 5)).toHex();
    console.log(JSON.stringify({ name, failure: String(rowHashers.failure), root }));`;
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...[
        "run",
        "--no-lock",
        "--no-check",
        `--config=${new URL("deno.json", ROOT).pathname}`,
        `--v8-flags=${flag}`,
      ],
      `data:application/typescript,${encodeURIComponent(program)}`,
    ],
    stderr: "inherit",
  }).output();
  assert.ok(success);
  return JSON.parse(new TextDecoder().decode(stdout));
}

const root = createMerkleTree(patternBytes(3200, 5), { rowHasher: nobleRowHasher }).root().toHex();

Deno.test({
  name: "merkleRoot() is the same on a processor without SIMD",
  // The flag hides an extension of x86 processors.
  ignore: Deno.build.arch !== "x86_64",
  async fn() {
    const answer = await inProcess("--no-enable-sse4-1");
    assert.equal(answer.name, "noble");
    assert.match(answer.failure, /CompileError: .*SIMD unsupported/);
    assert.equal(answer.root, root);
  },
});

Deno.test("merkleRoot() is the same where there is no WebAssembly", async () => {
  assert.deepEqual(await inProcess("--jitless"), {
    name: "noble",
    failure: "ReferenceError: WebAssembly is not defined",
    root,
  });
});

Deno.test("verifyProof() does not even load the engine", async () => {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--no-lock", "--json", new URL("lib/verify/verify_proof.ts", ROOT).href],
  }).output();
  assert.ok(success);
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: { specifier: string }[] };
  const names = modules.map(({ specifier }) => specifier);
  assert.ok(names.some((name) => name.endsWith("/merkle/verify_inclusion.ts")));
  assert.deepEqual(names.filter((name) => /row_hasher|\/wasm\//.test(name)), []);
});
