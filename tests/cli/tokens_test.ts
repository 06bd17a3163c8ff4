import assert from "node:assert/strict";
import { createCli } from "../_fakes/cli_harness.ts";

const TOKEN = /^pot_[0-9a-f]{8}_[0-9a-f]{72}$/;

Deno.test("pot tokens new shows a token once, alone on standard output, and list never", async () => {
  await using cli = await createCli();
  await cli.run("init");
  const made = await cli.run("tokens", "new", "ci-trainer", "--role", "recorder", "--expires", "30d");
  assert.equal(made.code, 0);
  const token = made.out.trimEnd();
  assert.match(token, TOKEN);
  assert.match(
    made.err,
    /^token ci-trainer \(id [0-9a-f]{8}\) has the role recorder until 20\S+Z; it is not shown again\n$/,
  );
  const { json } = await cli.run("tokens", "new", "nightly", "--role", "operator", "--json");
  assert.match(json.token, TOKEN);
  const days = (Date.parse(json.expiresAt) - Date.now()) / 86_400_000;
  assert.ok(days > 89.9 && days <= 90, `${days} days`);
  const listed = await cli.run("tokens", "list");
  assert.match(listed.out, /^[0-9a-f]{8} {2}recorder {2}valid {4}until \S+ {2}used never {7}ci-trainer$/m);
  const all = await cli.run("tokens", "list", "--json");
  assert.deepEqual(all.json.tokens.map(({ name, state }: { name: string; state: string }) => [name, state]), [
    ["ci-trainer", "valid"],
    ["nightly", "valid"],
  ]);
  const home = await Deno.readTextFile(cli.path(".pot", "tokens.json")) +
    await Deno.readTextFile(cli.path(".pot", "access.jsonl"));
  for (const text of [listed.out, all.out, all.err, home]) {
    assert.ok(!text.includes(token.slice(13)) && !text.includes(json.token.slice(13)));
  }
  for (
    const [args, says] of [
      [["new", "a"], /Missing required option/],
      [["new", "a", "--role", "root"], /role/],
      [["new", "a", "--role", "viewer", "--expires", "never"], /--expires is no time/],
      [["new", "a", "--role", "viewer", "--expires", "500d"], /within 1 minute to 366 days/],
      [["new", "local", "--role", "viewer"], /and not local/],
      [["revoke", "nobody"], /as there is none of that id or name/],
    ] as const
  ) {
    const { code, err } = await cli.run("tokens", ...args);
    assert.equal(code, 2, err);
    assert.match(err, says);
  }
});

Deno.test("pot with POT_ACCESS=tokens lets a token do what its role allows, and tells of the rest", async () => {
  await using cli = await createCli();
  await cli.run("init");
  const file = await cli.write("model.bin", "weights");
  const make = async (name: string, role: string) =>
    (await cli.run("tokens", "new", name, "--role", role)).out.trimEnd();
  const [trainer, operator] = [await make("trainer", "recorder"), await make("nightly", "operator")];
  const as = (token: string | undefined, ...args: readonly string[]) =>
    cli.runWith({ POT_ACCESS: "tokens", ...(token === undefined ? {} : { POT_TOKEN: token }) }, ...args);
  const record = ["record", "checkpoint", file, "--run", "run-1", "--step", "1"];

  const nobody = await as(undefined, ...record);
  assert.equal(nobody.code, 2);
  assert.match(
    nobody.err,
    /^error: Cannot tell who acts as an access token is asked for and none was given\n/,
  );
  assert.equal((await as(trainer, ...record)).code, 0);
  const refused = await as(trainer, "anchor", "--json");
  assert.equal(refused.code, 2);
  assert.match(
    JSON.parse(refused.err).error.message,
    / as the token trainer has the role recorder and anchor\.send needs operator$/,
  );
  assert.equal((await as(operator, "anchor")).code, 0);
  // Reading takes no token.
  for (const args of [["status"], ["runs"], ["log", "audit", "--offline"], ["tokens", "list"]]) {
    assert.equal((await as(undefined, ...args)).code, 0, args.join(" "));
  }
  assert.equal((await as(operator, "contract", "deploy", "--help")).code, 0);

  const tokenFile = await cli.write("trainer.token", `${trainer}\n`);
  const byFile = (...args: readonly string[]) =>
    cli.runWith({ POT_ACCESS: "tokens", POT_TOKEN_FILE: tokenFile }, ...args);
  assert.equal((await byFile("record", "checkpoint", file, "--run", "run-1", "--step", "2")).code, 0);
  assert.match((await as(trainer, "pause", "--reason", trainer)).err, /writes\.pause needs operator/);
  assert.equal((await cli.run("tokens", "revoke", trainer)).code, 0);
  const revoked = await byFile(...record);
  assert.match(revoked.err, /Cannot accept the access token as it was revoked/);
  const both = await cli.runWith(
    { POT_ACCESS: "tokens", POT_TOKEN: trainer, POT_TOKEN_FILE: tokenFile },
    "anchor",
  );
  assert.deepEqual([both.code, /must not be given together/.test(both.err)], [2, true]);
  const wrong = await cli.runWith({ POT_ACCESS: "closed" }, "anchor");
  assert.deepEqual([wrong.code, /POT_ACCESS must be "open" or "tokens"/.test(wrong.err)], [2, true]);

  const trail = await Deno.readTextFile(cli.path(".pot", "access.jsonl"));
  const said = trail.trimEnd().split("\n").map((line) => JSON.parse(line))
    .map(({ principal, verb, outcome, subject }) =>
      `${principal.name} ${verb} ${outcome} ${subject}`.trimEnd()
    );
  assert.deepEqual(said, [
    "local home.init allowed",
    "local tokens.new allowed trainer recorder",
    "local tokens.new allowed nightly operator",
    "unknown authenticate refused missing from POT_TOKEN",
    "trainer record.append allowed",
    "trainer anchor.send refused",
    "nightly anchor.refresh allowed",
    "nightly anchor.send allowed size 1",
    "trainer writes.pause refused",
    `local tokens.revoke allowed ${trainer.slice(0, 13)}[secret]`,
    "unknown authenticate refused revoked from POT_TOKEN_FILE",
  ]);
  for (const token of [trainer, operator]) {
    for (const text of [trail, nobody.err, refused.err, revoked.err, both.err]) {
      assert.ok(!text.includes(token.slice(13)));
    }
  }
  assert.equal((await cli.run("log", "audit", "--offline")).code, 0);
});
