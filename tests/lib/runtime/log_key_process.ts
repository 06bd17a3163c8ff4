/**
 * A process that has the log open while another one rotates its key. Argument: the folder of the installation. Opens it and
 * says so, then answers each line of its input by recording that step, anchoring and proving it: the proof, in one line.
 */
import { openRuntime } from "../../../lib/runtime/open_runtime.ts";
import { parseConfig } from "../../../lib/runtime/parse_config.ts";
import { formatProof } from "../../../lib/verify/format_proof.ts";

const [folder = ""] = Deno.args;
await using runtime = await openRuntime(parseConfig({ folder, env: {} }));
const { recorder } = runtime;
console.log("open");
for await (const chunk of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const { id } = await recorder.recordCheckpoint({ runId: "run-1", step: Number(chunk) });
  await recorder.anchorPending();
  console.log(JSON.stringify(JSON.parse(formatProof(await recorder.prove(id)))));
}
