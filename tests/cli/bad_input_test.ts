import assert from "node:assert/strict";
import { createCli } from "../_fakes/cli_harness.ts";
import { createInstalledCli } from "../_fakes/installed_cli.ts";
import { refuses } from "../_fakes/refuses.ts";

const HASH = "ab".repeat(32);

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
    [["verify"], /proof/],
    [["chain", "store"], /hash/],
    [["init", "--local", "--network", "polygon"], /--network|--local/],
    [["up", "--port", "many"], /--port|many/],
  ];
  for (const [args, message] of lines) await refuses(cli, args, { code: 2, message, hint: /--help$/ });
  await refuses(cli, ["prove"], { code: 2, message: /id or --run/, hint: /^pot prove <id>/ });
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
    hint: "use polygon-amoy (chain id 80002)",
  });
  await refuses(cli, ["init", "--network", "goerli"], {
    code: 2,
    message: /goerli/,
    hint: "use sepolia (chain id 11155111)",
  });
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
  await using cli = await createInstalledCli();
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
  await using cli = await createInstalledCli();
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
    fact: "--network: Cannot use the network mumbai as it was shut down; use polygon-amoy (chain id 80002)",
  });
  await refuses(cli, ["contract", "deploy", "--owner", "0x12"], {
    code: 2,
    message: "Cannot use --owner as it must be 0x and 40 hex characters",
  });
});

Deno.test("pot record refuses what it cannot read, whole, and records nothing of the rest", async () => {
  await using cli = await createInstalledCli();
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
  await using cli = await createInstalledCli();
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
  await using cli = await createInstalledCli();
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
  await using cli = await createInstalledCli();
  await refuses(cli, ["runs", "run-9"], {
    code: 2,
    message: "Cannot show the run as the log has no record of it",
    fact: "run: run-9",
    hint: "list runs with: pot runs",
  });
});

Deno.test("pot chain refuses what the contract would, and says no to what is not there", async () => {
  await using cli = await createInstalledCli();
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
  for (const args of [["get", "abc"], ["get", "0x1"], ["verify", HASH, "1.0"]]) {
    const message = "Cannot look the transaction id up as it is none";
    await refuses(cli, ["chain", ...args], { code: 2, message, hint: /a number such as 1/ });
  }
  for (const id of ["1", "99999999999999999999", "0d9f3a1c-5b7e-4c2d-8f6a-1b3c5d7e9f01"]) {
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
