import assert from "node:assert/strict";
import type { CliHarness } from "../_fakes/cli_harness.ts";
import { createInstalledCli } from "../_fakes/installed_cli.ts";
import { createCli } from "../_fakes/cli_harness.ts";
import { refuses } from "../_fakes/refuses.ts";
import { serveFolder, tlogHeaders } from "../_fakes/static_server.ts";

/** Served as it should be. */
const serving = { headersFor: tlogHeaders };

async function published(): Promise<CliHarness> {
  const cli = await createInstalledCli();
  assert.equal((await cli.run("log", "publish", "public")).code, 0);
  return cli;
}

Deno.test("pot log serve-check passes what pot log publish wrote, as a folder and over HTTP", async () => {
  await using cli = await published();
  await using server = serveFolder(cli.path("public"), serving);
  const { origin } = (await cli.run("status", "--json")).json;
  for (const target of ["public", server.url, `${server.url}/`]) {
    const { code, out, err } = await cli.run("log", "serve-check", target);
    assert.equal(code, 0, out + err);
    const name = target === "public" ? cli.path("public") : `${server.url}/`;
    assert.match(out, /^passes: /);
    assert.deepEqual(out.split("\n").slice(0, 3), [
      `passes: ${name}`,
      `  log       ${origin}`,
      "  size      1",
    ]);
    assert.match(out, / {2}checked {3}1 record in 3 files\n$/);
  }
  const { json, code } = await cli.run("log", "serve-check", server.url, "--strict", "--json");
  assert.equal(code, 0);
  const { root, signedBy, ...rest } = json;
  assert.match(root, /^[0-9a-f]{64}$/);
  assert.ok(signedBy.startsWith(`${origin}+`));
  assert.deepEqual(rest, {
    target: `${server.url}/`,
    isSample: false,
    origin,
    size: "1",
    isComplete: true,
    entryCount: 1,
    fileCount: 3,
    problems: [],
    problemCount: 0,
    warnings: [],
  });
});

Deno.test("pot log serve-check needs no home where the log's keys are given", async () => {
  await using cli = await published();
  await using stranger = await createCli();
  await stranger.write("keys.json", (await cli.run("log", "keys", "--json")).out);
  const [{ verifierKey }] = (await cli.run("log", "keys", "--json")).json.keys;
  const public_ = cli.path("public");
  assert.equal((await stranger.run("log", "serve-check", public_, "--log-key", verifierKey)).code, 0);
  assert.equal((await stranger.run("log", "serve-check", public_, "--log-keys", "keys.json")).code, 0);
  await refuses(stranger, ["log", "serve-check", public_], {
    code: 2,
    message: "Cannot check the log as no key of it is given",
    hint: /--log-key/,
  });
  await refuses(stranger, ["log", "serve-check", public_, "--log-keys", "none.json"], {
    code: 2,
    message: "Cannot check the log as the log keys are unreadable",
  });
  await refuses(stranger, ["log", "serve-check", public_, "--log-key", "key"], {
    code: 2,
    message: /verifier key/,
  });
  const both = ["--log-keys", "keys.json", "--log-key", verifierKey];
  await refuses(stranger, ["log", "serve-check", public_, ...both], { code: 2, message: /log-key/ });
});

Deno.test("pot log serve-check exits with 1 and names what is wrong", async () => {
  await using cli = await published();
  const bundle = await Deno.readFile(cli.path("public", "tile", "entries", "000.p", "1"));
  bundle[10]! ^= 1;
  await cli.write("public/tile/entries/000.p/1", bundle);
  const { code, out } = await cli.run("log", "serve-check", "public");
  assert.equal(code, 1);
  assert.match(out, /^does not pass: 1 problem: .*public\n/);
  assert.match(
    out,
    /\n {2}✗ tile\/entries\/000\.p\/1: entry 0 does not hash to what tile\/0\/000\.p\/1 has for it\n/,
  );
  const asJson = await cli.run("log", "serve-check", "public", "--json");
  assert.deepEqual([asJson.code, asJson.json.problemCount, asJson.json.problems], [1, 1, [{
    path: "tile/entries/000.p/1",
    problem: "entry 0 does not hash to what tile/0/000.p/1 has for it",
  }]]);
});

Deno.test("pot log serve-check shows what the server should say, and fails for it with --strict", async () => {
  await using cli = await published();
  await using server = serveFolder(cli.path("public"));
  const { code, out } = await cli.run("log", "serve-check", server.url);
  assert.equal(code, 0, out);
  assert.match(
    out,
    / {2}! the checkpoint: Content-Type is none, and should be text\/plain; charset=utf-8 \(checkpoint\)\n/,
  );
  assert.match(out, / {2}! tiles: .* \(tile\/0\/000\.p\/1 and 1 more\)\n/);
  assert.equal((await cli.run("log", "serve-check", server.url, "--strict")).code, 1);
});

Deno.test("pot log serve-check exits with 4 where the server does not answer", async () => {
  await using cli = await published();
  const closed = serveFolder(cli.folder);
  await closed[Symbol.asyncDispose]();
  const { code, out } = await cli.run("log", "serve-check", `${closed.url}/deep/path`);
  assert.equal(code, 4);
  assert.match(out, /^could not tell: http:\/\/127\.0\.0\.1:\d+\/\[secret\]\n/);
  assert.ok(!out.includes("deep"), out);
  // A problem that was found before stays one.
  await using server = serveFolder(cli.path("public"), {
    ...serving,
    intercept: (path) => path.startsWith("/tile/entries") ? new Response("", { status: 503 }) : undefined,
  });
  const half = await cli.run("log", "serve-check", server.url, "--json");
  assert.deepEqual([half.code, half.json.isComplete], [4, false]);
  assert.match(half.json.unreachable, /status: 503/);
});

Deno.test("pot log serve-check takes wrong usage for what it is", async () => {
  await using cli = await published();
  const refused = (args: readonly string[], message: string | RegExp) =>
    refuses(cli, ["log", "serve-check", ...args], { code: 2, message });
  await refused(["http://example.org/log"], "Cannot use the log as it is not HTTPS");
  await refused(["https://user:x@example.org/log"], /more than host, port and path/);
  await refused(["ftp://example.org/log"], "Cannot use the log as it is not HTTPS");
  await refused(["absent"], "Cannot check the log as there is no such folder");
  await refused(["a.bin"], "Cannot check the log as there is no such folder");
  for (const sample of ["0", "-1"]) {
    await refused(["public", `--sample=${sample}`], /--sample must be 1 or more/);
  }
  assert.equal((await cli.run("log", "serve-check", "public", "--sample", "5")).code, 0);
});

Deno.test("pot log publish writes into several folders, and only what is new", async () => {
  await using cli = await published();
  const { json } = await cli.run("log", "publish", "public", "mirror", "--json");
  assert.deepEqual(json.published.map(({ folder }: { folder: string }) => folder), [
    cli.path("public"),
    cli.path("mirror"),
  ]);
  assert.equal(json.size, "1");
  const before = await cli.listing();
  const again = await cli.run("log", "publish", "public", "mirror");
  assert.match(
    again.out,
    /^published 1 records in .*public\n {2}root {6}\w{64}\npublished 1 records in .*mirror\n/,
  );
  assert.equal(await cli.listing(), before);
  await cli.run("record", "validation", "--run", "run-1", "--step", "2", "--metric", "a=1");
  await cli.run("log", "publish", "mirror", "public");
  for (const folder of ["public", "mirror"]) {
    const { code, out } = await cli.run("log", "serve-check", folder, "--json");
    assert.deepEqual([code, JSON.parse(out).size], [0, "2"]);
  }
});
