import assert from "node:assert/strict";
import { join } from "node:path";
import { readStepMetrics } from "../../../lib/io/read_step_metrics.ts";
import { makeTempFolder } from "../../_fakes/recorder_fixture.ts";

Deno.test("readStepMetrics() reads what trainers write, and only the steps that are asked for", async () => {
  await using folder = await makeTempFolder();
  const path = join(folder.path, "metrics.jsonl");
  await Deno.writeTextFile(
    path,
    [
      '{"step": 1, "epoch": 0.5, "loss": 0.5, "lr": 1e-4, "note": "x", "ok": true}',
      '{"step": 2, "loss": NaN, "grad": -Infinity, "list": [Infinity]}',
      '{"global_step": 1, "eval/accuracy": 0.9, "loss": 0.4}',
      '{"step": 3, "metrics": {"step": 7, "loss": 3}, "loss": 9}',
      '{"step": "9007199254740993", "loss": 1, "big": 12345678901234567890}',
      "not json",
      "",
      "[1]",
      '{"loss": 1}',
      "x".repeat(1_100_000),
      '{"step": 4, "loss": 4, "__proto__": 1, "": 2}',
      '{"step": 4, "loss": 5}',
    ].join("\n"),
  );
  const { bySteps, badLineCount } = await readStepMetrics(
    path,
    new Set(["1", "2", "3", "4", "9007199254740993"]),
  );
  assert.deepEqual(Object.fromEntries(bySteps), {
    1: { loss: 0.4, lr: 1e-4, "eval/accuracy": 0.9 },
    2: { loss: "NaN", grad: "-Infinity" },
    3: { step: 7, loss: 3 },
    // Its second line has no newline yet: the trainer is still writing it.
    4: { loss: 4 },
    "9007199254740993": { loss: 1 },
  });
  assert.equal(badLineCount, 3);
  assert.deepEqual(await readStepMetrics(path, new Set(["8"])), { bySteps: new Map(), badLineCount: 3 });
});

Deno.test("readStepMetrics() finds nothing in a file that is not there yet, and throws for one it may not read", async () => {
  await using folder = await makeTempFolder();
  assert.equal((await readStepMetrics(join(folder.path, "none"), new Set(["1"]))).bySteps.size, 0);
  await assert.rejects(() => readStepMetrics(folder.path, new Set(["1"])));
});
