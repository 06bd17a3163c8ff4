import assert from "node:assert/strict";
import { isTemporaryName, isUnfinishedName } from "../../../lib/core/temporary_name.ts";

Deno.test("isTemporaryName() knows the names of what is still being written", () => {
  const unfinished = [
    "a.tmp",
    "a.TMP",
    "a.part",
    "a.partial",
    "a.pt.incomplete",
    "a.crdownload",
    "tmp-checkpoint-500",
    "model.tmp.1234",
    "1000.orbax-checkpoint-tmp-17",
    "a.writing",
  ];
  for (const name of unfinished) assert.ok(isUnfinishedName(name) && isTemporaryName(name), name);
  for (const name of [".a", ".pot", "a.pt~", "#a#", "a.swp", "a.lock"]) {
    assert.ok(isTemporaryName(name) && !isUnfinishedName(name), name);
  }
  const finished = [
    "checkpoint-500",
    "model-part-1.pt",
    "model_temp_0.7_step_5",
    "atmp.pt",
    "tmpfs.pt",
    "partial-model",
  ];
  for (const name of finished) assert.ok(!isTemporaryName(name), name);
});
