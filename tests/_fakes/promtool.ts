import assert from "node:assert/strict";
import { findProgram } from "./prometheus_server.ts";

/** Runs promtool, which must find nothing wrong; where it is not installed, the test says that it was not run. */
export async function checkWithPromtool(args: readonly string[], input = ""): Promise<void> {
  const program = await findProgram("promtool");
  if (program === undefined) {
    console.log(`not run: promtool ${args.join(" ")} (apt-get install prometheus)`);
    return;
  }
  const process = new Deno.Command(program, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await process.output();
  const text = `${new TextDecoder().decode(stdout)}${new TextDecoder().decode(stderr)}`;
  assert.equal(code, 0, text);
}
