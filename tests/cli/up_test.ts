import assert from "node:assert/strict";
import { createInstalledCli } from "../_fakes/installed_cli.ts";

Deno.test("pot up --json prints one JSON document, with where it listens, refuses a second daemon, and ends in order on SIGTERM", async () => {
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
    const metrics = await (await fetch(`${statusUrl}metrics`)).text();
    for (
      const line of [
        "pot_log_records_total 1",
        "pot_daemon_leading 1",
        'pot_scrape_error{collector="process"} 0',
      ]
    ) {
      assert.ok(metrics.includes(`\n${line}\n`), line);
    }
    const second = await cli.run("up", "--port", "0");
    assert.equal(second.code, 2);
    assert.match(second.err, /Cannot start the daemon as one works on this home folder already/);
    assert.ok(second.err.includes(`process: ${daemon.pid} on `), second.err);
    // Beside the daemon, as it does not run there.
    assert.equal((await cli.run("jobs", "run", "confirm")).code, 0);
  } finally {
    daemon.kill("SIGTERM");
    assert.equal((await daemon.status).code, 0);
  }
  for (let read = await reader.read(); !read.done; read = await reader.read()) out += read.value;
  assert.equal(Object.keys(JSON.parse(out)).length, 1);
  const lines = await logged;
  assert.match(lines, /Z status server on http:\/\/127\.0\.0\.1:\d+\/\n/);
  assert.match(lines, /Z ending: no new runs; what is under way may finish first\n$/);
});
