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

const MAIN = new URL("../../cli/main.ts", import.meta.url).href;
const CONFIGURATION = new URL("../../deno.json", import.meta.url).pathname;

Deno.test({
  name: "pot up works on while its log takes no writes",
  // Where there is a file that is always full.
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using cli = await createInstalledCli();
    const line = `exec "$0" run -A --no-lock --no-check --config "$1" "$2" up --port 0 --json 2> /dev/full`;
    const daemon = new Deno.Command("sh", {
      args: ["-c", line, Deno.execPath(), CONFIGURATION, MAIN],
      cwd: cli.folder,
      stdout: "piped",
    }).spawn();
    const reader = daemon.stdout.pipeThrough(new TextDecoderStream()).getReader();
    try {
      const { value = "" } = await reader.read();
      const { statusUrl } = JSON.parse(value);
      assert.equal(await (await fetch(`${statusUrl}healthz`)).text(), "ok\n");
    } finally {
      daemon.kill("SIGTERM");
      assert.equal((await daemon.status).code, 0);
      await reader.cancel();
    }
  },
});

Deno.test("pot up tells of an error outside of all promises without secrets, and ends", async () => {
  await using cli = await createInstalledCli();
  const script = `
    import { runHere } from ${JSON.stringify(MAIN)};
    setTimeout(() => { throw new Error("broken: https://user:hunter22@rpc.example/v3/s3cret"); }, 0);
    await runHere(["up", "--port", "0"]);`;
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", "--config", CONFIGURATION, script],
    cwd: cli.folder,
  }).output();
  const text = new TextDecoder().decode(stderr);
  assert.equal(code, 1);
  assert.match(text, /^error: broken: https:\/\/\[secret\]@rpc\.example/m);
  assert.doesNotMatch(text, /hunter22|s3cret/);
});
