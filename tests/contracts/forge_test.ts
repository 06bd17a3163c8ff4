import assert from "node:assert/strict";
import { openForgeProject } from "./forge/forge_project.ts";

// The long form, 10 000 runs a property: deno task contracts:fuzz
Deno.test("the contract keeps its properties and invariants under Forge", async () => {
  await using project = await openForgeProject();
  const { success, output } = await project.forge(["test"]);
  assert.ok(success, output);
  const [, passed] = output.match(/: (\d+) tests passed, 0 failed, 0 skipped/) ?? [];
  assert.ok(Number(passed) >= 39, `only ${passed} tests were found\n${output}`);
});
