import assert from "node:assert/strict";
import solc from "solc";
import { proofOfTrainingBytecode } from "../../contracts/artifact.ts";
import { formatStandardJson } from "../../contracts/format_standard_json.ts";
import { proofOfTrainingContractName, proofOfTrainingStandardJson } from "../../contracts/standard_json.ts";

Deno.test("formatStandardJson() of the sources is the committed module, byte for byte", async () => {
  const committed = await Deno.readTextFile(new URL("../../contracts/standard_json.ts", import.meta.url));
  assert.ok(
    await formatStandardJson() === committed,
    "contracts/standard_json.ts is stale: run deno task contracts:build",
  );
});

Deno.test("proofOfTrainingStandardJson compiles to the artifact's code", () => {
  const { contracts, errors = [] } = JSON.parse(solc.compile(proofOfTrainingStandardJson));
  assert.deepEqual(errors, []);
  const [path, name] = proofOfTrainingContractName.split(":") as [string, string];
  assert.equal(`0x${contracts[path][name].evm.bytecode.object}`, proofOfTrainingBytecode);
});
