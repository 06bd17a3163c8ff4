import assert from "node:assert/strict";
import { createInstalledCli } from "../_fakes/installed_cli.ts";

Deno.test("pot up --json prints one JSON document, with where it listens, and lines only as log", async () => {
  await using cli = await createInstalledCli();
  const main = new URL("../../cli/main.ts", import.meta.url).pathname;
  const configuration = new URL("../../deno.json", import.meta.url).pathname;
  const daemon = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-lock",
      "--no-check",
      "--config",
      configuration,
      main,
      "up",
      "--port",
      "0",
      "--json",
    ],
    cwd: cli.folder,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const logged = new Response(daemon.stderr).text();
  const reader = daemon.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let out = "";
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      out += read.value;
      if (out.endsWith("}\n")) break;
    }
    const { statusUrl, ...more } = JSON.parse(out);
    assert.deepEqual(more, {});
    assert.match(statusUrl, /^http:\/\/127\.0\.0\.1:\d+\/$/);
    assert.equal(await (await fetch(`${statusUrl}healthz`)).text(), "ok\n");
  } finally {
    daemon.kill("SIGTERM");
    await daemon.status;
  }
  for (let read = await reader.read(); !read.done; read = await reader.read()) out += read.value;
  assert.equal(Object.keys(JSON.parse(out)).length, 1);
  assert.match(await logged, /Z status server on http:\/\/127\.0\.0\.1:\d+\/\n/);
});
