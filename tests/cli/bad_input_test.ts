import assert from "node:assert/strict";
import { type CliHarness, createCli } from "../_fakes/cli_harness.ts";
import { refuses } from "../_fakes/refuses.ts";

const HASH = "ab".repeat(32);

/** An installation with one record, anchored in the ledger, and its proof in p.json. */
async function createInstalled(): Promise<CliHarness & { readonly id: string }> {
  const cli = await createCli();
  await cli.run("init");
  await cli.write("a.bin", "weights");
  const { json } = await cli.run("record", "checkpoint", "a.bin", "--run", "run-1", "--step", "1", "--json");
  await cli.run("anchor");
  await cli.run("prove", json.records[0].id, "-o", "p.json");
  return { ...cli, id: json.records[0].id };
}

Deno.test("pot refuses unknown commands, options and missing values", async () => {
  await using cli = await createCli();
  const lines: readonly (readonly [readonly string[], RegExp])[] = [
    [["recrd"], /recrd/],
    [["status", "extra"], /extra|argument/i],
    [["status", "--colour"], /--colour/],
    [["record", "checkpoint", "a", "--step", "1"], /--run/],
    [["record", "checkpoint", "a", "--run", "r"], /--step/],
    [["record", "validation", "--run", "r"], /--metric/],
    [["record", "validation", "--run", "r", "--metric", "a=1", "--epoch", "x"], /--epoch|x/],
    [["prove"], /id/],
    [["verify"], /proof/],
    [["chain", "store"], /hash/],
    [["init", "--local", "--network", "polygon"], /--network|--local/],
    [["up", "--port", "many"], /--port|many/],
  ];
  for (const [args, message] of lines) await refuses(cli, args, { code: 2, message, hint: /--help$/ });
});

Deno.test("pot asks for an installation before it does anything", async () => {
  await using cli = await createCli();
  const lines = [
    ["status"],
    ["runs"],
    ["anchor"],
    ["prove", HASH],
    // Before it looks at the artifact, which may take minutes.
    ["record", "checkpoint", "gone.bin", "--run", "r", "--step", "1"],
    ["record", "validation", "--run", "r", "--metric", "a=1"],
    ["chain", "get", "1"],
  ];
  for (const args of lines) {
    await refuses(cli, args, {
      code: 2,
      message: "Cannot open the log as there is none here yet",
      fact: `home: ${cli.path(".pot")}`,
      hint: "make one with: pot init",
    });
  }
});

Deno.test("pot init refuses a second installation, unknown networks and impossible names", async () => {
  await using cli = await createCli();
  await refuses(cli, ["init", "--network", "mumbai"], {
    code: 2,
    message: "Cannot use the network mumbai as it was shut down",
    hint: "use polygon-amoy",
  });
  await refuses(cli, ["init", "--network", "goerli"], { code: 2, message: /goerli/, hint: "use sepolia" });
  await refuses(cli, ["init", "--network", "polygone"], {
    code: 2,
    message: 'Cannot use the network "polygone" as there is no preset of that name',
    fact: /^known networks: ethereum, /,
  });
  await refuses(cli, ["init", "--origin", "two words"], {
    code: 2,
    message: /^Cannot use the origin as it must be/,
  });
  await refuses(cli, ["init", "--config", "x.jsonc"], { code: 2, message: /^Cannot use --config with init/ });
  await cli.write("file", "");
  await refuses(cli, ["init", "--home", "file"], {
    code: 1,
    message: /operating system refused/,
    fact: /reason: /,
  });
  await cli.run("init");
  await refuses(cli, ["init"], {
    code: 2,
    message: "Cannot start an installation as there is one here already",
    fact: `file: ${cli.path("pot.jsonc")}`,
  });
});

Deno.test("pot refuses a wrong configuration with every mistake, on every command", async () => {
  await using cli = await createInstalled();
  const env = { CHAIN_ID: "x", POT_ANCHORING: "all" };
  for (const args of [["status"], ["anchor"], ["verify", "p.json"], ["test"], ["contract", "check"]]) {
    await refuses(cli, args, {
      code: 2,
      env,
      message: /^Cannot use the configuration as \d settings are wrong$/,
      fact: 'CHAIN_ID must be a whole number from 1, such as 137 (is "x")',
    });
  }
  await refuses(cli, ["status", "--config", "none.jsonc"], {
    code: 2,
    message: "Cannot read the configuration file as there is no such file",
    fact: `file: ${cli.path("none.jsonc")}`,
  });
  await cli.write("pot.jsonc", '{\n  "origin" "x"\n}');
  await refuses(cli, ["status"], {
    code: 2,
    message: "Cannot read the configuration file as it is not JSON with comments",
    fact: `file: ${cli.path("pot.jsonc")}, line 2`,
  });
});

Deno.test("pot contract and deploy refuse to guess a chain", async () => {
  await using cli = await createInstalled();
  for (const args of [["contract", "check"], ["contract", "deploy"]]) {
    await refuses(cli, args, {
      code: 2,
      message: "Cannot use the configuration as 2 settings are wrong",
      fact: /^RPC_URL .* must be given/,
    });
  }
  await refuses(cli, ["contract", "deploy", "--network", "mumbai"], {
    code: 2,
    message: "Cannot use the configuration as 2 settings are wrong",
    fact: "--network: Cannot use the network mumbai as it was shut down; use polygon-amoy",
  });
  await refuses(cli, ["contract", "deploy", "--owner", "0x12"], {
    code: 2,
    message: "Cannot deploy as --owner must be 0x and 40 hex characters",
  });
});

Deno.test("pot record refuses what it cannot read, whole, and records nothing of the rest", async () => {
  await using cli = await createInstalled();
  await cli.write("good.bin", "good");
  await cli.write("empty.bin", "");
  await cli.write("model/a", "a");
  await Deno.symlink(cli.path("gone"), cli.path("model", "dangling"));
  await Deno.mkdir(cli.path("hollow"));
  await new Deno.Command("mkfifo", { args: [cli.path("pipe")] }).output();
  const record = (
    ...paths: readonly string[]
  ) => ["record", "checkpoint", ...paths, "--run", "r", "--step", "1"];
  const cases: readonly (readonly [string, RegExp, RegExp])[] = [
    ["gone.bin", /^Cannot digest the artifact as there is no such file$/, /^path: .*gone\.bin$/],
    ["empty.bin", /^Cannot record the checkpoint as the artifact is empty$/, /^path: .*empty\.bin$/],
    ["hollow", /^Cannot record the checkpoint as the artifact is empty$/, /^path: .*hollow$/],
    ["pipe", /as it is a device, pipe or socket, not a regular file$/, /^path: .*pipe$/],
    ["/dev/zero", /as it is a device, pipe or socket/, /^path: \/dev\/zero$/],
    [
      "model",
      /^Cannot digest the folder as there is no such folder, or a link in it leads nowhere$/,
      /dangling/,
    ],
    ["x".repeat(300), /^Cannot digest the artifact as it is unreadable$/, /name too long/i],
  ];
  for (const [path, message, fact] of cases) {
    await refuses(cli, record(path), { code: 2, message, fact });
    await refuses(cli, record("good.bin", path), { code: 2, message, fact });
    // As the thing to compare with, the same words: wrong input is no verdict.
    if (!/empty|hollow/.test(path)) {
      await refuses(cli, ["verify", "p.json", "--artifact", path], { code: 2, message, fact });
    }
  }
  assert.equal((await cli.run("status", "--json")).json.recordCount, 1);
});

Deno.test("pot record refuses a wrong event before it reads a single artifact", async () => {
  await using cli = await createInstalled();
  const record = (
    ...more: readonly string[]
  ) => ["record", "checkpoint", "no-such-file", "--run", "r", ...more];
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["--step", "-1"], /step must be a whole number from 0/],
    [["--step", "1", "--run=two words"], /--run|runId/],
    [["--step", "1", "--metric", "loss"], /^Cannot use --metric "loss" as it must be name=value$/],
    [["--step", "1", "--metric", "loss=low"], /name=number/],
    [["--step", "1", "--occurred-at", "today"], /occurredAt must be a UTC time/],
    [["--step", "1", "--dataset-digest", "xyz"], /dataset\.digest must be 64 lowercase hex/],
  ];
  for (const [args, message] of cases) {
    const { code, err, out } = await cli.run(...record(...args));
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err.split("\n")[0]!.replace("error: ", ""), message);
    assert.ok(!err.includes("no-such-file"), err);
  }
  const digest = await cli.run(
    "record",
    "checkpoint",
    "--run",
    "r",
    "--step",
    "1",
    "--digest",
    HASH.toUpperCase(),
  );
  assert.deepEqual([digest.code, digest.out], [2, ""]);
  assert.match(digest.err, /artifact\.digest must be 64 lowercase hex characters/);
  await refuses(cli, ["record", "checkpoint", "--run", "r", "--step", "1"], {
    code: 2,
    message: "Cannot record the checkpoint as no file is given",
    hint: "name a file or folder, or give --digest",
  });
  await refuses(cli, ["record", "checkpoint", "a.bin", "--run", "r", "--step", "1", "--digest", HASH], {
    code: 2,
    message: "Cannot record the checkpoint as both a path and --digest are given",
  });
});

Deno.test("pot prove refuses ids it does not know and places it cannot write to", async () => {
  await using cli = await createInstalled();
  await refuses(cli, ["prove", "abc"], {
    code: 2,
    message: "Cannot prove the record as its id must be 64 lowercase hex characters",
    fact: 'id: "abc"',
  });
  await refuses(cli, ["prove", HASH], {
    code: 1,
    message: "Cannot prove the record as the log holds none with this id",
    fact: `id: ${HASH}`,
    hint: "list runs and ids with: pot runs",
  });
  for (const output of ["no/such/folder/p.json", ".pot", "a.bin/p.json"]) {
    await refuses(cli, ["prove", cli.id, "-o", output], {
      code: 2,
      message: "Cannot write the proof there",
      fact: `file: ${cli.path(output)}`,
    });
  }
});

Deno.test("pot runs refuses a run that the log does not have", async () => {
  await using cli = await createInstalled();
  await refuses(cli, ["runs", "run-9"], {
    code: 2,
    message: "Cannot show the run as the log has no record of it",
    fact: "run: run-9",
    hint: "list runs with: pot runs",
  });
});

Deno.test("pot verify refuses files that are no proof", async () => {
  await using cli = await createInstalled();
  const proof = await Deno.readTextFile(cli.path("p.json"));
  await new Deno.Command("mkfifo", { args: [cli.path("pipe")] }).output();
  // Elsewhere, as a listing reads every file.
  await using other = await createCli();
  const big = await other.write("big.json", "");
  await Deno.truncate(big, 50 * 1024 * 1024);
  const write = async (name: string, text: string) => (await cli.write(name, text), name);
  const hostile = (schema: string) => JSON.stringify({ ...JSON.parse(proof), schema });
  const cases: readonly (readonly [string, number, RegExp])[] = [
    ["gone.json", 2, /^Cannot read the proof as there is no such file$/],
    [".pot", 2, /^Cannot read the proof as it is not a file$/],
    ["pipe", 2, /^Cannot read the proof as it is not a file$/],
    ["x".repeat(300), 2, /^Cannot read the proof as the file is unreadable$/],
    [big, 1, /^Cannot read the proof as the file is too large to be one$/],
    [await write("empty.json", ""), 1, /^Cannot read the proof as it is empty$/],
    [
      await write("cut.json", proof.slice(0, proof.length / 2)),
      1,
      /^Cannot read the proof as it ends in the middle/,
    ],
    [await write("text.json", "not JSON"), 1, /^Cannot read the proof as it is not JSON$/],
    [await write("deep.json", "[".repeat(1_000_000)), 1, /nested deeper than 16 levels$/],
    [
      await write("deep2.json", `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`),
      1,
      /nested deeper than 16 levels$/,
    ],
    [await write("other.json", "{}"), 1, /^Cannot read the proof as it is not a pot proof$/],
    [await write("list.json", "[]"), 1, /^Cannot read the proof as it is not a pot proof$/],
    [
      await write("new.json", hostile("pot-proof/2")),
      2,
      /^Cannot read the proof as its format version is not known$/,
    ],
    [
      await write("less.json", '{"schema":"pot-proof/1"}'),
      1,
      /^Cannot read the proof as record must be canonical/,
    ],
    [await write("more.json", proof.replace("{", '{"extra":1,')), 1, /unknown field "extra"/],
    [
      await write("twice.json", proof.replace("{", '{"index":"1",')),
      1,
      /the key "index" stands twice in one object$/,
    ],
  ];
  for (const [path, code, message] of cases) {
    for (const flags of [[], ["--offline"]]) {
      const before = await cli.listing();
      const { code: actual, out, err } = await cli.run("verify", path, ...flags);
      assert.deepEqual([actual, out], [code, ""], path.slice(0, 40));
      assert.match(err.split("\n")[0]!.replace("error: ", ""), message);
      assert.ok(!/\n\s+at .*:\d+/.test(err), err);
      assert.ok(err.length < 2_000, err);
      assert.equal(await cli.listing(), before);
    }
  }
});

Deno.test("pot verify takes wrong options for wrong input, not for an invalid proof", async () => {
  await using cli = await createInstalled();
  for (const option of ["--submitter", "--contract"]) {
    await refuses(cli, ["verify", "p.json", option, "0x123"], {
      code: 2,
      message: `Cannot verify the proof as ${option} must be 0x and 40 hex characters`,
      fact: `${option}: "0x123"`,
    });
  }
  await refuses(cli, ["verify", "p.json", "--log-key", "abc"], {
    code: 2,
    message: "Cannot read the verifier key as it is not <name>+<8 hex digits>+<base64>",
  });
  for (const url of ["rpc.example.org", "http://rpc.example.org/topsecret", "ws://localhost:1"]) {
    await refuses(cli, ["verify", "p.json", "--rpc", url], {
      code: 2,
      message: "Cannot verify the proof as --rpc must be an https:// URL (http:// only to this machine)",
    });
  }
  await refuses(cli, ["verify", "p.json", "--offline", "--rpc", "https://rpc.example.org"], {
    code: 2,
    message: "Cannot verify the proof as --offline and --rpc exclude each other",
  });
});

Deno.test("pot chain refuses what the contract would, and says no to what is not there", async () => {
  await using cli = await createInstalled();
  for (const hash of ["abc", HASH.toUpperCase(), `0x${HASH}`]) {
    const message = "Cannot use the hash as it must be 64 lowercase hex characters";
    await refuses(cli, ["chain", "store", hash], { code: 2, message });
    await refuses(cli, ["chain", "verify", hash, "1"], { code: 2, message });
  }
  await refuses(cli, ["chain", "store", HASH, "--metadata", "é".repeat(1025)], {
    code: 2,
    message: "Cannot store the hash as its metadata is longer than 2048 bytes",
    fact: "metadata: 2050 bytes",
  });
  for (const id of ["1", "abc", "99999999999999999999"]) {
    const { code, out, err } = await cli.run("chain", "get", id);
    assert.deepEqual([code, err], [1, ""], id);
    assert.match(out, /^nothing is stored under /);
    assert.equal((await cli.run("chain", "verify", HASH, id)).code, 1);
  }
});

Deno.test("pot shows neither key nor endpoint path in any of its words", async () => {
  const PRIVATE_KEY = "4f".repeat(32);
  const RPC_URL = "http://127.0.0.1:9/v2/topsecret?key=topsecret";
  await using cli = await createCli({ env: { PRIVATE_KEY, RPC_URL, CHAIN_ID: "31337" }, isTerminal: true });
  await cli.run("init");
  await cli.write("a.bin", "weights");
  const CONTRACT_ADDRESS = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
  const lines = [
    ["status"],
    ["record", "checkpoint", "a.bin", "--run", "r", "--step", "1"],
    ["anchor"],
    ["contract", "check"],
    ["contract", "deploy"],
    ["chain", "store", HASH],
    ["chain", "get", "1"],
    ["test", "--blockchain"],
    ["runs", PRIVATE_KEY],
    ["verify", "gone.json", "--rpc", RPC_URL],
    // Given by mistake where something else belongs.
    ["record", "validation", "--run", `0x${PRIVATE_KEY}=`, "--metric", "a=1"],
    ["status", "--config", `/tmp/${PRIVATE_KEY}`],
  ];
  for (const [i, line] of lines.entries()) {
    const { out, err } = await cli.runWith({ CONTRACT_ADDRESS }, ...line, ...(i % 2 === 0 ? [] : ["--json"]));
    assert.ok(!/topsecret|4f4f4f4f4f4f/i.test(out + err), `${line.join(" ")}\n${out}${err}`);
  }
});
