import assert from "node:assert/strict";
import { createCli } from "../_fakes/cli_harness.ts";
import { createInstalledCli } from "../_fakes/installed_cli.ts";
import { refuses } from "../_fakes/refuses.ts";

Deno.test("pot verify refuses files that are no proof", async () => {
  await using cli = await createInstalledCli();
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
  await using cli = await createInstalledCli();
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
  for (const url of ["rpc.example.org", "http://rpc.example.org/topsecret", "ws://rpc.example.org"]) {
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
