import assert from "node:assert/strict";
import { formatContractArtifact } from "../../lib/chain/format_contract_artifact.ts";
import { createCli } from "../_fakes/cli_harness.ts";

Deno.test("pot contract artifact writes the artifact to standard output, or into a file", async () => {
  await using cli = await createCli();
  const printed = await cli.run("contract", "artifact");
  assert.deepEqual([printed.code, printed.out], [0, formatContractArtifact()]);
  assert.equal(
    JSON.parse((await cli.run("contract", "artifact", "--json")).out)._format,
    "hh-sol-artifact-1",
  );

  const { code, json } = await cli.run("contract", "artifact", "--output", "pot.json", "--json");
  assert.deepEqual([code, json], [0, {
    file: cli.path("pot.json"),
    contractName: "ProofOfTraining",
    solcLongVersion: "0.8.37+commit.f401782d",
  }]);
  assert.equal(await Deno.readTextFile(cli.path("pot.json")), formatContractArtifact());

  const refused = await cli.run("contract", "artifact", "--output", "none/pot.json");
  assert.equal(refused.code, 2);
  assert.match(refused.err, /^error: Cannot write the artifact there\n/);
});
