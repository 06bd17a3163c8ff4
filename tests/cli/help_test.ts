import assert from "node:assert/strict";
import type { AnyCommand } from "../../cli/any_command.ts";
import type { CliContext } from "../../cli/cli_context.ts";
import { COMMANDS } from "../../cli/commands.ts";
import { potCommand } from "../../cli/pot_command.ts";
import { createRedactor } from "../../lib/core/redactor.ts";
import { createCli } from "../_fakes/cli_harness.ts";

const CONTEXT: CliContext = {
  env: {},
  folder: "/nowhere",
  out: () => {},
  err: () => {},
  reveal: () => {},
  redactor: createRedactor(),
  isTerminal: false,
  hasColor: false,
  signal: new AbortController().signal,
  exitWith: () => {},
};

/** The words of every command, the root's are none. */
async function allCommands(): Promise<readonly (readonly string[])[]> {
  const walk = (command: AnyCommand, words: readonly string[]): readonly (readonly string[])[] => [
    words,
    ...command.getCommands().flatMap((child) => walk(child, [...words, child.getName()])),
  ];
  return walk(await potCommand(CONTEXT), []);
}

function commandAt(root: AnyCommand, words: readonly string[]): AnyCommand {
  return words.reduce((command, word) => command.getCommand(word)!, root);
}

/** Splits as a shell does, as far as examples need it. */
function splitWords(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}

const commands = await allCommands();

Deno.test("potCommand() has the commands that the design names", () => {
  assert.deepEqual(commands.map((words) => words.join(" ")), [
    "",
    "init",
    "record",
    "record checkpoint",
    "record validation",
    "watch",
    "anchor",
    "prove",
    "upgrade",
    "export",
    "export in-toto",
    "export tlog-proof",
    "verify",
    "status",
    "runs",
    "log",
    "log export",
    "log import",
    "log publish",
    "log serve-check",
    "log cosign",
    "log index",
    "log audit",
    "log rebuild",
    "log keys",
    "log rotate",
    "log backup-key",
    "log restore-key",
    "chain",
    "chain store",
    "chain get",
    "chain verify",
    "contract",
    "contract deploy",
    "contract check",
    "contract verify-source",
    "contract artifact",
    "contract pause",
    "contract unpause",
    "contract transfer",
    "contract accept",
    "contract retire",
    "contract migrate",
    "keys",
    "keys new",
    "keys import",
    "keys rotate",
    "keys show",
    "tokens",
    "tokens new",
    "tokens list",
    "tokens revoke",
    "tx",
    "tx list",
    "tx speed-up",
    "tx cancel",
    "pause",
    "resume",
    "network",
    "network list",
    "network test",
    "alerts",
    "alerts list",
    "alerts acknowledge",
    "alerts silence",
    "alerts silences",
    "alerts expire",
    "alerts dead-letters",
    "alerts dead-letters list",
    "alerts dead-letters retry",
    "alerts dead-letters drop",
    "alerts rules",
    "alerts test",
    "backup",
    "backup create",
    "backup list",
    "backup verify",
    "backup restore",
    "backup prune",
    "test",
    "jobs",
    "jobs list",
    "jobs run",
    "metrics",
    "up",
    "demo",
    "chaos",
  ]);
});

for (const words of commands) {
  const path = ["pot", ...words].join(" ");

  Deno.test(`${path} has a description, described options and examples that parse to it`, async () => {
    const root = await potCommand(CONTEXT);
    root.getHelp();
    const command = commandAt(root, words);
    assert.equal(command.getPath(), path);
    assert.match(command.getDescription(), /^[A-Z].*\.$/);
    for (const option of command.getOptions(true)) assert.notEqual(option.description, "", option.name);
    assert.ok(command.getExamples().length > 0, "no example");
    for (const { name, description } of command.getExamples()) {
      const [program, ...args] = splitWords(description);
      assert.equal(program, "pot", name);
      // Another tree: commands keep state while they parse.
      const fresh = await potCommand(CONTEXT, args);
      const target = commands.filter((known) => known.every((word, i) => args[i] === word)).at(-1)!;
      assert.ok(words.every((word, i) => target[i] === word), `${description} is not about ${path}`);
      assert.equal(commandAt(fresh, target).getCommands().length, 0, `${description} only shows help`);
      let ran = false;
      commandAt(fresh, target).action(() => {
        ran = true;
      });
      await fresh.parse(args);
      assert.ok(ran, description);
    }
  });

  Deno.test(`${path} --help prints usage and example, does nothing and exits with 0`, async () => {
    await using cli = await createCli();
    for (const flag of ["--help", "-h"]) {
      const { code, out, err } = await cli.run(...words, flag);
      assert.deepEqual([code, err], [0, ""]);
      assert.match(out, /Usage: +pot/);
      assert.match(out, /Examples:/);
      assert.match(out, /--json/);
    }
    assert.equal(await cli.listing(), "");
  });
}

for (const words of [[], ["record"], ["chain"], ["contract"], ["keys"], ["network"]]) {
  const path = ["pot", ...words].join(" ");

  Deno.test(`${path} by itself shows its help; with --json it asks for a command`, async () => {
    await using cli = await createCli();
    const plain = await cli.run(...words);
    assert.deepEqual([plain.code, plain.err], [0, ""]);
    assert.match(plain.out, /Commands:/);
    const { code, out, err } = await cli.run(...words, "--json");
    assert.deepEqual([code, out], [2, ""]);
    const { error } = JSON.parse(err);
    assert.equal(error.message, `Cannot run ${path} as it needs a command`);
    assert.equal(error.hint, `see: ${path} --help`);
  });
}

Deno.test("potCommand() loads only the command that is named, however the line begins", async () => {
  const loaded = async (...args: readonly string[]) =>
    (await potCommand(CONTEXT, args)).getCommands().map((command) => command.getName());
  assert.deepEqual(await loaded("status"), ["status"]);
  assert.deepEqual(await loaded("--json", "runs", "status"), ["runs"]);
  // A folder may be called like a command.
  assert.deepEqual(await loaded("--home", "record", "status"), ["status"]);
  assert.deepEqual(await loaded("--config", "init", "--json", "anchor"), ["anchor"]);
  assert.deepEqual(await loaded("--home=record", "status"), ["status"]);
  for (const args of [[], ["--help"], ["sttaus"], ["--home", "record"], ["constructor"]]) {
    assert.deepEqual(await loaded(...args), Object.keys(COMMANDS));
  }
});
