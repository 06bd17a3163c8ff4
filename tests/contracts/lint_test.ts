import assert from "node:assert/strict";
import { openForgeProject } from "./forge/forge_project.ts";

const RELEASED = ["ProofOfTraining.sol", "IProofOfTraining.sol"];

Deno.test("forge lint finds nothing in the contract", async () => {
  await using project = await openForgeProject({ vectors: 1 });
  const { success, output } = await project.forge(["lint", ...RELEASED]);
  assert.ok(success && !/^(?:warning|note|error)\b/m.test(output), output);

  // It does look: a cast is found as soon as that rule is not left out.
  const config = await Deno.readTextFile(`${project.path}/foundry.toml`);
  await Deno.writeTextFile(`${project.path}/foundry.toml`, config.replace(/^exclude_lints.*$/m, ""));
  assert.match((await project.forge(["lint", ...RELEASED])).output, /unsafe-typecast/);
});

Deno.test("solhint finds nothing in the contract", async () => {
  await using project = await openForgeProject({ vectors: 1 });
  const lint = async () => {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-lock", "--no-config", "--node-modules-dir=none", "-A", "npm:solhint@6.2.4"],
        ...["--disc", "--formatter", "json", "--config", ".solhintrc.yml", ...RELEASED],
      ],
      cwd: project.path,
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    // Advertising follows the report.
    const report = text.match(/^\[.*\]$/ms)?.[0];
    assert.ok(report !== undefined, text + new TextDecoder().decode(stderr));
    return (JSON.parse(report) as { line?: number; ruleId?: string; message?: string }[])
      .filter(({ ruleId }) => ruleId !== undefined);
  };
  assert.deepEqual(await lint(), []);

  const path = `${project.path}/ProofOfTraining.sol`;
  const source = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, source.replace("msg.sender != owner", "tx.origin != owner"));
  assert.deepEqual((await lint()).map(({ ruleId }) => ruleId), ["avoid-tx-origin"]);
});
