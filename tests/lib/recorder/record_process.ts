/**
 * One of two processes that record the same events at the same time. Arguments: folder, the Unix milliseconds to begin at,
 * number of events. Prints what it was answered, in one line.
 */
import { openRecorder } from "../../_fakes/recorder_fixture.ts";

const [folder = "", startMs = "0", count = "0"] = Deno.args;
const { recorder } = await openRecorder(folder);
await new Promise((resolve) => setTimeout(resolve, Number(startMs) - Date.now()));
const results = [];
for (let step = 0; step < Number(count); step++) {
  results.push(await recorder.recordValidation({ runId: "run-1", step, metrics: { loss: "NaN" } }));
}
console.log(JSON.stringify(results, (_, value) => typeof value === "bigint" ? Number(value) : value));
Deno.exit(0);
