import assert from "node:assert/strict";
import { createStopSignal } from "../../cli/stop_signal.ts";
import { createCli } from "../_fakes/cli_harness.ts";

Deno.test("createStopSignal() aborts at the first Ctrl-C and ends the process at the second", () => {
  let press = () => {};
  const exits: number[] = [];
  let nowMs = 1_000;
  const signal = createStopSignal({
    listen: (onSignal) => press = onSignal,
    exit: (code) => exits.push(code),
    now: () => nowMs,
  });
  assert.equal(signal.aborted, false);
  press();
  assert.equal(signal.aborted, true);
  assert.equal((signal.reason as Error).message, "Stopped by a signal");
  // As deno task passes it on, beside the terminal.
  nowMs += 20;
  press();
  assert.deepEqual(exits, []);
  nowMs += 700;
  press();
  assert.deepEqual(exits, [130]);
});

Deno.test("runCli() answers 130 for a command that was stopped, never with a verdict", async () => {
  const stop = new AbortController();
  await using cli = await createCli({ signal: stop.signal });
  await cli.run("init");
  await cli.write("a.bin", "weights");
  const before = await cli.listing();
  stop.abort(new Error("Stopped by a signal"));
  for (const json of [[], ["--json"]]) {
    const { code, out, err } = await cli.run(
      "record",
      "checkpoint",
      "a.bin",
      "--run",
      "r",
      "--step",
      "1",
      ...json,
    );
    assert.deepEqual([code, out], [130, ""]);
    assert.match(err, /Stopped by a signal/);
  }
  assert.equal(await cli.listing(), before);
});
