import assert from "node:assert/strict";
import { join } from "node:path";
import { createCli } from "../../_fakes/cli_harness.ts";
import { initialize } from "../../../lib/runtime/initialize.ts";
import { openLogKey } from "../../../lib/runtime/log_key.ts";
import { parseConfig } from "../../../lib/runtime/parse_config.ts";
import { readConfigFile } from "../../../lib/runtime/read_config_file.ts";

Deno.test("initialize() writes a pot.jsonc that reads back as the same installation", async () => {
  await using cli = await createCli();
  const { folder } = cli;
  const made = await initialize({ folder });
  assert.equal(made.configFile, join(folder, "pot.jsonc"));
  assert.equal(made.home, join(folder, ".pot"));
  assert.match(made.origin, /^pot\/[0-9a-f]{16}$/);
  const config = parseConfig({ folder, env: {}, file: await readConfigFile(made.configFile) });
  assert.deepEqual([config.home, config.origin, config.chain], [made.home, made.origin, "local"]);
  const signer = await openLogKey(config.home);
  assert.deepEqual([signer.name, signer.verifierKey], [made.origin, made.verifierKey]);
  assert.equal(await Deno.readTextFile(join(made.home, ".gitignore")), "*\n");
});

Deno.test("initialize() gives every installation its own origin and key", async () => {
  await using one = await createCli();
  await using two = await createCli();
  const [a, b] = [await initialize({ folder: one.folder }), await initialize({ folder: two.folder })];
  assert.notEqual(a.origin, b.origin);
  assert.notEqual(a.verifierKey, b.verifierKey);
});

Deno.test("initialize() writes what it is given, whatever is in it", async () => {
  await using cli = await createCli();
  const folder = cli.path("new", "place");
  const home = cli.path('state "quoted" \\ back');
  const made = await initialize({
    folder,
    home,
    origin: "example.org/log",
    network: "polygon",
    chain: "evm",
  });
  const file = await readConfigFile(made.configFile);
  assert.deepEqual(file, { origin: "example.org/log", home, chain: "evm", network: "polygon" });
  assert.equal((await openLogKey(home)).name, "example.org/log");
});

Deno.test("initialize() offers every line it comments out as a valid setting", async () => {
  await using cli = await createCli();
  const { configFile, origin } = await initialize({ folder: cli.folder });
  const text = (await Deno.readTextFile(configFile)).replaceAll(
    /^ {2}\/\/ ("[a-zA-Z]+": (?:".*"|\[.*\]|\d+)),?$/gm,
    "  $1,",
  );
  await Deno.writeTextFile(configFile, text);
  const file = await readConfigFile(configFile);
  assert.deepEqual(Object.keys(file).sort(), [
    "anchoring",
    "chain",
    "confirmations",
    "contract",
    "fallback",
    "home",
    "maxFeeGwei",
    "network",
    "origin",
    "rpcUrls",
  ]);
  assert.equal(parseConfig({ folder: cli.folder, env: {}, file }).origin, origin);
});

Deno.test("initialize() refuses a second time and changes nothing", async () => {
  await using cli = await createCli();
  await initialize({ folder: cli.folder });
  const before = await cli.listing();
  await assert.rejects(initialize({ folder: cli.folder, home: cli.path("other"), origin: "other" }), {
    name: "UsageError",
    message: "Cannot start an installation as there is one here already",
    facts: [`file: ${cli.path("pot.jsonc")}`],
    hint: "use it as it is (pot status), or choose another folder",
  });
  assert.equal(await cli.listing(), before);
});

Deno.test("initialize() refuses a home whose key is for another log, and changes nothing", async () => {
  await using cli = await createCli();
  const first = await initialize({ folder: cli.path("a"), home: cli.path("state") });
  const before = await cli.listing();
  await assert.rejects(initialize({ folder: cli.path("b"), home: cli.path("state"), origin: "pot/other" }), {
    name: "UsageError",
    message: "Cannot start an installation as its home has the key of another log already",
    facts: [`home: ${cli.path("state")}`, `log key: ${first.origin}`, "asked for: pot/other"],
  });
  assert.equal(await cli.listing(), before);
});

Deno.test("initialize() takes up the key that an interrupted one left", async () => {
  await using cli = await createCli();
  const first = await initialize({ folder: cli.folder });
  await Deno.remove(first.configFile);
  const second = await initialize({ folder: cli.folder });
  assert.deepEqual(second, first);
});
