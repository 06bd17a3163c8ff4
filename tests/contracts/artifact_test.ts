import assert from "node:assert/strict";
import * as artifact from "../../contracts/artifact.ts";
import { compileContract } from "../../contracts/compile.ts";
import { formatArtifact } from "../../contracts/format_artifact.ts";

const compiled = await compileContract();

Deno.test("formatArtifact() of a fresh compilation is the committed artifact, byte for byte", async () => {
  const committed = await Deno.readTextFile(new URL("../../contracts/artifact.ts", import.meta.url));
  assert.ok(
    formatArtifact(compiled) === committed,
    "contracts/artifact.ts is stale: run deno task contracts:build",
  );
});

Deno.test("artifact exports what the compiler made", () => {
  assert.deepEqual(artifact.proofOfTrainingAbi, compiled.abi);
  assert.equal(artifact.proofOfTrainingBytecode, compiled.bytecode);
  assert.equal(artifact.proofOfTrainingDeployedBytecode, compiled.runtimeBytecode);
  assert.equal(artifact.proofOfTrainingCodeHash, compiled.codeHash);
  assert.equal(artifact.proofOfTrainingCompiler.version, "0.8.37+commit.f401782d.Emscripten.clang");
  assert.equal(artifact.proofOfTrainingCompiler.evmVersion, "prague");
});

Deno.test("compileContract() leaves no CBOR metadata, so comments do not change the code hash", () => {
  // "ipfs" and "solc" as CBOR keys, which end the code otherwise.
  assert.doesNotMatch(compiled.runtimeBytecode, /64(?:69706673|736f6c63)43?/);
  assert.ok(compiled.bytecode.includes(compiled.runtimeBytecode.slice(2)));
});
