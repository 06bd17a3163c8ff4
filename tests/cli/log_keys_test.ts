import assert from "node:assert/strict";
import { walk } from "@std/fs";
import { createSecretPrompt } from "../../cli/ask_secret.ts";
import { readPassphrase } from "../../cli/read_passphrase.ts";
import { signCheckpointNote } from "../../lib/core/checkpoint_note.ts";
import { importNoteSigner } from "../../lib/core/note_key.ts";
import { formatProof } from "../../lib/verify/format_proof.ts";
import { parseProof } from "../../lib/verify/parse_proof.ts";
import { createInstalledCli } from "../_fakes/installed_cli.ts";
import { createCli } from "../_fakes/cli_harness.ts";
import { refuses } from "../_fakes/refuses.ts";

const PASSPHRASE = "correct horse battery staple";

Deno.test("pot log rotate hands over, and old and new proofs verify against the published set", async () => {
  await using cli = await createInstalledCli();
  const stolen = (await Deno.readTextFile(cli.path(".pot", "log.key"))).trim();
  const before = (await cli.run("log", "keys", "--json")).json;
  assert.deepEqual(before.keys.map(({ from, to }: Record<string, string>) => [from, to]), [["0", undefined]]);
  const rotation = (await cli.run("log", "rotate", "--json")).json;
  assert.deepEqual([rotation.size, rotation.from], ["1", before.keys[0].verifierKey]);
  assert.notEqual((await Deno.readTextFile(cli.path(".pot", "log.key"))).trim(), stolen);

  const set = await cli.run("log", "keys", "--json");
  await cli.write("keys.json", set.out);
  const shown = (await cli.run("log", "keys")).out;
  assert.equal(shown, `${rotation.from}  sizes 0 to 1\n${rotation.to}  sizes 1 on (in force)\n`);

  await cli.run("record", "validation", "--run", "run-1", "--step", "2", "--metric", "a=1");
  await cli.run("anchor");
  const { records } = (await cli.run("runs", "run-1", "--json")).json;
  await cli.run("prove", records[1].id, "-o", "q.json");
  const q = parseProof(await Deno.readTextFile(cli.path("q.json")));
  assert.deepEqual(q.logKeys, [rotation.to, rotation.from]);
  for (const proof of ["p.json", "q.json"]) {
    assert.equal((await cli.run("verify", proof, "--log-keys", "keys.json")).code, 0, proof);
    assert.equal((await cli.run("verify", proof)).code, 0, proof);
  }
  // Single keys are good for any size, and only themselves.
  assert.equal((await cli.run("verify", "p.json", "--log-key", rotation.from)).code, 0);
  assert.equal((await cli.run("verify", "q.json", "--log-key", rotation.from)).code, 1);
  const both = ["--log-key", rotation.from, "--log-key", rotation.to];
  for (const proof of ["p.json", "q.json"]) {
    assert.equal((await cli.run("verify", proof, ...both)).code, 0);
  }

  // A thief of the retired key signs what the log never had.
  const [anchor] = q.anchors;
  const checkpoint = await signCheckpointNote(
    { origin: before.origin, ...anchor! },
    await importNoteSigner(stolen),
  );
  const forged = { ...q, anchors: [{ ...anchor!, checkpoint }] };
  await cli.write("forged.json", formatProof(forged));
  assert.equal((await cli.run("verify", "forged.json", "--log-key", rotation.from)).code, 0);
  const verdict = await cli.run("verify", "forged.json", "--log-keys", "keys.json");
  assert.equal(verdict.code, 1);
  assert.match(verdict.out, /signed by a log key that is only good for sizes from 0 to 1\n/);
});

Deno.test("pot verify takes an unreadable set of log keys for wrong usage", async () => {
  await using cli = await createInstalledCli();
  const set = (await cli.run("log", "keys", "--json")).json;
  await cli.write("bad.json", JSON.stringify({ ...set, origin: "pot/other" }));
  const message = "Cannot verify the proof as the log keys are unreadable";
  const fact = "reason: Cannot read the log keys as its origin is not its keys'";
  await refuses(cli, ["verify", "p.json", "--log-keys", "bad.json"], { code: 2, message, fact });
  await refuses(cli, ["verify", "p.json", "--log-keys", "none.json"], { code: 2, message });
  const key = set.keys[0].verifierKey;
  const both = ["verify", "p.json", "--log-keys", "bad.json", "--log-key", key];
  await refuses(cli, both, { code: 2, message: /log-key/ });
});

Deno.test("pot log rotate and pot log keys say what is missing", async () => {
  await using cli = await createCli();
  const none = { code: 2, message: "Cannot open the log as there is none here yet", hint: /pot init/ };
  await refuses(cli, ["log", "keys"], none);
  await refuses(cli, ["log", "rotate"], none);
  await refuses(cli, ["log", "backup-key", "-o", "b.age"], {
    ...none,
    env: { POT_KEY_PASSPHRASE: PASSPHRASE },
  });
});

Deno.test("pot log backup-key and restore-key carry the key over, and it is in no other file", async () => {
  await using cli = await createInstalledCli();
  await cli.run("log", "rotate");
  await cli.write("phrase.txt", `${PASSPHRASE}\n`);
  const secret = (await Deno.readTextFile(cli.path(".pot", "log.key"))).trim();
  const backup = await cli.run(
    "log",
    "backup-key",
    "-o",
    "b.age",
    "--passphrase-file",
    "phrase.txt",
    "--json",
  );
  assert.equal(backup.code, 0, backup.err);
  if (Deno.build.os !== "windows") assert.equal((await Deno.stat(cli.path("b.age"))).mode! & 0o777, 0o600);

  const env = { POT_KEY_PASSPHRASE: PASSPHRASE };
  const restored = await cli.runWith(env, "log", "restore-key", "b.age", "--home", "other", "--json");
  assert.deepEqual([restored.code, restored.json.isNew], [0, true]);
  assert.equal(restored.json.verifierKey, backup.json.verifierKey);
  assert.equal((await Deno.readTextFile(cli.path("other", "log.key"))).trim(), secret);
  const keys = await Promise.all([[], ["--home", "other"]].map((home) => cli.run("log", "keys", ...home)));
  assert.equal(keys[0]!.out, keys[1]!.out);

  await cli.run("log", "export", "copy");
  await cli.run("log", "publish", "public");
  // PRIVATE+KEY+<name>+<hash>+<base64>, and base64 may hold a + too.
  const hidden = secret.split("+").slice(4).join("+");
  for (const { out, err } of [backup, restored, ...keys]) assert.ok(!`${out}${err}`.includes(hidden));
  const holders: string[] = [];
  for await (const { path } of walk(cli.folder, { includeDirs: false })) {
    if ((await Deno.readTextFile(path)).includes(hidden)) holders.push(path);
  }
  assert.deepEqual(holders.sort(), [cli.path(".pot", "log.key"), cli.path("other", "log.key")].sort());
});

Deno.test("pot log backup-key takes no passphrase from the command line, and no weak one", async () => {
  await using cli = await createInstalledCli();
  const args = ["log", "backup-key", "-o", "b.age"];
  await refuses(cli, [...args, "--passphrase", PASSPHRASE], { code: 2, message: /Unknown option/ });
  await refuses(cli, args, {
    code: 2,
    message: "Cannot go on as no passphrase is given",
    hint: "use --passphrase-file <file> or POT_KEY_PASSPHRASE, or type it at a terminal",
  });
  await refuses(cli, args, {
    code: 2,
    message: "Cannot use the passphrase as it is shorter than 12 characters",
    env: { POT_KEY_PASSPHRASE: "only-eleven" },
  });
  await refuses(cli, [...args, "--passphrase-file", "none.txt"], {
    code: 2,
    message: "Cannot read the passphrase from the file",
  });
});

Deno.test("readPassphrase() asks for a new one twice, for an old one once", async () => {
  const asking = (...answers: (string | undefined)[]) => {
    const asked: string[] = [];
    const askSecret = (question: string) => (asked.push(question), Promise.resolve(answers.shift()));
    return { asked, context: { env: {}, folder: "/", askSecret } };
  };
  const twice = asking(PASSPHRASE, PASSPHRASE);
  assert.equal(await readPassphrase(twice.context, { file: undefined, isNew: true }), PASSPHRASE);
  assert.deepEqual(twice.asked, ["Passphrase", "The same again"]);
  const once = asking("old");
  assert.equal(await readPassphrase(once.context, { file: undefined, isNew: false }), "old");
  assert.deepEqual(once.asked, ["Passphrase"]);
  await assert.rejects(
    readPassphrase(asking(PASSPHRASE, "other").context, { file: undefined, isNew: true }),
    {
      message: "Cannot use the passphrase as it was not typed the same twice",
    },
  );
  for (const answers of [[undefined], [""]]) {
    const { context } = asking(...answers);
    await assert.rejects(readPassphrase(context, { file: undefined, isNew: false }), { name: "UsageError" });
  }
});

/** A terminal at which those pieces are typed, one read each. */
function typing(...pieces: (string | null)[]) {
  const log: string[] = [];
  const controller = new AbortController();
  const input = {
    read(into: Uint8Array): Promise<number | null> {
      const piece = pieces.shift();
      if (piece === undefined) return new Promise(() => {});
      return Promise.resolve(piece === null ? null : new TextEncoder().encodeInto(piece, into).written);
    },
    setRaw: (isRaw: boolean) => void log.push(isRaw ? "raw" : "cooked"),
  };
  const ask = createSecretPrompt({ input, write: (text) => void log.push(text), signal: controller.signal });
  return { ask, log, controller };
}

Deno.test("createSecretPrompt() reads a line without showing any of it", async () => {
  const { ask, log } = typing("sec", "ret wörd\x7f\x7f", "s 🔑x\b\r");
  assert.equal(await ask("Passphrase"), "secret wös 🔑");
  assert.deepEqual(log, ["Passphrase: ", "raw", "cooked", "\n"]);
});

Deno.test("createSecretPrompt() keeps what is typed ahead for the next question", async () => {
  const { ask } = typing("one\ntwo\n");
  assert.deepEqual([await ask("a"), await ask("b")], ["one", "two"]);
});

Deno.test("createSecretPrompt() answers undefined where the person gives up or the input ends", async () => {
  for (const pieces of [["abc\x03"], ["abc\x04"], ["abc", null]]) {
    assert.equal(await typing(...pieces).ask("a"), undefined);
  }
});

Deno.test("createSecretPrompt() ends with the signal, and leaves the terminal as it was", async () => {
  const { ask, log, controller } = typing("abc");
  const answer = ask("a");
  controller.abort(new Error("stopped"));
  await assert.rejects(answer, { message: "stopped" });
  assert.deepEqual(log.slice(-2), ["cooked", "\n"]);
});
