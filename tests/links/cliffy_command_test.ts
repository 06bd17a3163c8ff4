import assert from "node:assert/strict";
import { type ArgumentValue, Command, Type, ValidationError } from "@cliffy/command";
import { type AnyCommand, type GlobalOptions, type Ran, tree } from "./cliffy_tree.ts";

/** Runs the tree with console.log caught. */
async function run(...args: string[]): Promise<Ran> {
  const ran: Ran = { calls: [], out: "", literal: [] };
  const log = console.log;
  console.log = (text: string) => ran.out += `${text}\n`;
  try {
    ran.literal = (await tree(ran.calls).parse(args)).literal;
  } catch (error) {
    ran.error = error;
  } finally {
    console.log = log;
  }
  return ran;
}

async function calls(...args: string[]): Promise<Ran["calls"]> {
  const ran = await run(...args);
  assert.equal(ran.error, undefined);
  return ran.calls;
}

/** Runs a line that has to be refused, and returns the message. */
async function refusal(...args: string[]): Promise<string> {
  const { error, calls } = await run(...args);
  assert(error instanceof ValidationError, `${args.join(" ")}: ${error}`);
  assert.equal(error.exitCode, 2);
  assert.deepEqual(calls, []);
  return error.message;
}

const checkpoint = ["record", "checkpoint", "--run", "r", "--step", "1"];
const defaults = { run: "r", step: 1, algorithm: "sha256", anchor: true };

Deno.test("parse() gives the action its options in camel case, typed, with defaults", async () => {
  assert.deepEqual(await calls(...checkpoint, "a", "b"), [["checkpoint", defaults, ["a", "b"]]]);
  const args = ["--rate", "1e-3", "--metric", "a=1", "--metric", "b=2", "--is-final", "false", "--wait"];
  assert.deepEqual(await calls(...checkpoint, "x", ...args), [
    ["checkpoint", { ...defaults, rate: 0.001, metric: ["a=1", "b=2"], isFinal: false, wait: true }, ["x"]],
  ]);
  assert.deepEqual(await calls(...checkpoint, "--data-set", "d", "--format", "raw", "x", "--no-anchor"), [
    ["checkpoint", { ...defaults, dataSet: "d", format: "raw", anchor: false }, ["x"]],
  ]);
});

Deno.test("parse() takes --name=value, short flags and values that begin with a dash", async () => {
  const expected = [["checkpoint", { ...defaults, run: "a=b", step: -5, wait: true }, ["-"]]];
  assert.deepEqual(await calls("record", "checkpoint", "--run=a=b", "--step=-5", "-w", "-"), expected);
  assert.deepEqual(await calls("record", "checkpoint", "-r", "a=b", "-s", "-5", "-w", "-"), expected);
  assert.deepEqual(await calls("record", "checkpoint", "-r", "a=b", "-ws", "-5", "-"), expected);
  assert.deepEqual(await calls("record", "checkpoint", "--run", "--json", "--step", "1", "a"), [
    ["checkpoint", { ...defaults, run: "--json" }, ["a"]],
  ]);
});

Deno.test("parse() finds global options before, between and after the subcommands", async () => {
  const expected = [["validation", { json: true, home: "/h" }, ["a"]]];
  assert.deepEqual(await calls("--json", "--home", "/h", "record", "validation", "a"), expected);
  assert.deepEqual(await calls("record", "--json", "validation", "a", "--home=/h"), expected);
  assert.deepEqual(await calls("record", "validation", "--home", "/h", "a", "--json"), expected);
});

Deno.test("parse() finds a subcommand by its alias", async () => {
  assert.deepEqual(await calls("record", "cp", "--run", "r", "--step", "1", "a"), [["checkpoint", defaults, [
    "a",
  ]]]);
});

Deno.test("parse() types arguments and leaves out an optional one", async () => {
  assert.deepEqual(await calls("record", "validation", "7", "7"), [["validation", {}, ["7", 7]]]);
  assert.deepEqual(await calls("record", "validation", "7"), [["validation", {}, ["7"]]]);
});

Deno.test("parse() keeps what follows -- apart", async () => {
  const ran = await run(...checkpoint, "a", "--", "--literal", "b");
  assert.deepEqual(ran.calls, [["checkpoint", defaults, ["a"]]]);
  assert.deepEqual(ran.literal, ["--literal", "b"]);
});

Deno.test("parse() refuses what the command does not know, with a guess", async () => {
  assert.match(await refusal("status", "--jsno"), /--jsno.*Did you mean.*--json/s);
  assert.match(await refusal("recrod"), /recrod.*Did you mean.*record/s);
  assert.match(await refusal("record", "chekpoint"), /chekpoint.*Did you mean.*checkpoint/s);
  assert.match(await refusal("record", "--bogus", "validation", "a"), /--bogus/);
  await refusal("status", "-x");
  await refusal("help");
});

Deno.test("parse() refuses missing and surplus arguments", async () => {
  assert.match(await refusal(...checkpoint), /paths/);
  assert.match(await refusal("record", "validation"), /id/);
  assert.match(await refusal("record", "validation", "a", "1", "c"), /arguments/);
  assert.match(await refusal("status", "x"), /arguments/);
});

Deno.test("parse() refuses missing options and missing or empty values", async () => {
  assert.match(await refusal("record", "checkpoint", "--step", "1", "a"), /--run/);
  assert.match(await refusal("record", "checkpoint", "--run", "r", "a"), /--step/);
  assert.match(await refusal("record", "checkpoint", "a", "--run"), /--run/);
  assert.match(await refusal("record", "checkpoint", "--step", "1", "a", "--run", ""), /--run/);
  assert.match(await refusal("record", "checkpoint", "--step", "1", "a", "--run="), /--run/);
});

Deno.test("parse() refuses values of the wrong type", async () => {
  const base = ["record", "checkpoint", "--run", "r", "a"];
  for (const step of ["1.5", "x", "1x", "Infinity"]) {
    assert.match(await refusal(...base, "--step", step), /integer/);
  }
  assert.match(await refusal(...checkpoint, "a", "--rate", "fast"), /number/);
  assert.match(await refusal(...checkpoint, "a", "--is-final", "maybe"), /boolean/);
  assert.match(await refusal(...checkpoint, "a", "--data-set", "d", "--format", "zip"), /safetensors/);
  assert.match(await refusal("record", "validation", "a", "many"), /integer/);
});

Deno.test("parse() refuses options that may not stand together, or not alone", async () => {
  assert.match(await refusal(...checkpoint, "a", "--rate", "1", "--data-set", "d"), /--data-set.*--rate/);
  assert.match(await refusal(...checkpoint, "a", "--format", "raw"), /--format.*--data-set/);
  assert.match(await refusal(...checkpoint, "a", "--run", "again"), /--run/);
  assert.match(await refusal("--json", "status", "--json"), /--json/);
  await refusal("status", "--json=true");
});

Deno.test("parse() takes an option that conflicts with a required one in its place", async () => {
  const make = (): AnyCommand =>
    new Command()
      .throwErrors()
      .option("--file <path:file>", "A file.", { required: true })
      .option("--text <text:string>", "A text.", { conflicts: ["file"] });
  assert.deepEqual((await make().parse(["--text", "t"])).options, { text: "t" });
  await assert.rejects(() => make().parse(["--text", "t", "--file", "f"]), ValidationError);
  await assert.rejects(() => make().parse([]), ValidationError);
});

Deno.test("parse() prints help on standard output, runs nothing and does not exit", async () => {
  for (const flag of ["-h", "--help"]) {
    const root = await run(flag);
    assert.deepEqual([root.error, root.calls], [undefined, []]);
    for (
      const text of ["The tool.", "record", "Record something.", "status", "--home", "--help", "--version"]
    ) {
      assert(root.out.includes(text), text);
    }
    assert(!root.out.includes("secret"));
    const leaf = await run("record", "checkpoint", flag);
    assert.deepEqual([leaf.error, leaf.calls], [undefined, []]);
    for (
      const text of ["pot record checkpoint", "--run", "--json", "safetensors", "sha256", "paths", "One file"]
    ) {
      assert(leaf.out.includes(text), text);
    }
    assert(!leaf.out.includes("--is-final"));
  }
  assert((await run("--help", "status")).out.includes("Show the status."));
});

Deno.test("parse() refuses help beside other options, and help for what is wrong anyway", async () => {
  await refusal("status", "--help", "--json");
  await refusal("status", "--bogus", "--help");
  await refusal("status", "x", "--help");
});

Deno.test("parse() prints the version of the main command only", async () => {
  assert.equal((await run("-V")).out, "1.2.3\n");
  // deno-lint-ignore no-control-regex -- colours
  assert.equal((await run("--version")).out.replaceAll(/\x1b\[[0-9;]*m/g, ""), "pot 1.2.3\n");
  await refusal("status", "--version");
  await refusal("-V", "status");
});

Deno.test("parse() runs a group's own action, and does nothing where there is none", async () => {
  const group = await run("record");
  assert.equal(group.error, undefined);
  assert(group.out.includes("Record a validation."));
  assert.deepEqual(await run(), { calls: [], out: "", literal: [] });
});

Deno.test("parse() passes on what an action throws", async () => {
  const { error } = await run("secret");
  assert(error instanceof TypeError);
  assert.equal(error.message, "thrown by the action");
  const refusing = new Command().throwErrors().action(() => {
    throw new ValidationError("refused by the action", { exitCode: 7 });
  });
  await assert.rejects(() => refusing.parse([]), (thrown) => {
    assert(thrown instanceof ValidationError);
    assert.deepEqual([thrown.message, thrown.exitCode], ["refused by the action", 7]);
    return true;
  });
});

Deno.test("parse() binds the action to its command", async () => {
  const seen: unknown[] = [];
  const child: AnyCommand = new Command<GlobalOptions>().arguments("[word:string]").action(function () {
    seen.push(this.getName(), this.getPath(), this.getLiteralArgs());
  });
  await new Command().name("top").throwErrors().command("child", child).reset().parse([
    "child",
    "a",
    "--",
    "b",
  ]);
  assert.deepEqual(seen, ["child", "top child", ["b"]]);
});

Deno.test("parse() takes types of our own, defaults that are made, and lists", async () => {
  class HexType extends Type<number> {
    parse({ value }: ArgumentValue): number {
      if (!/^[0-9a-f]+$/.test(value)) throw new ValidationError(`"${value}" is not hex`);
      return parseInt(value, 16);
    }
  }
  const seen: unknown[] = [];
  const make = (): AnyCommand =>
    new Command()
      .throwErrors()
      .type("hex", new HexType())
      .option("--mask <mask:hex>", "A mask.")
      .option("--names <names:string[]>", "Names.")
      .option("--made <n:integer>", "Made.", { default: () => 40 + 2 })
      .option("--level [n:integer]", "A level.")
      .action((options: Record<string, unknown>) => void seen.push(options));
  await make().parse(["--mask", "ff", "--names", "a,b", "--level"]);
  await make().parse(["--made", "1", "--level", "3"]);
  assert.deepEqual(seen, [{ mask: 255, names: ["a", "b"], made: 42, level: true }, { made: 1, level: 3 }]);
  await assert.rejects(() => make().parse(["--mask", "xyz"]), /"xyz" is not hex/);
});

Deno.test("Command tells what it was built from", () => {
  const root = tree([]);
  root.getHelp();
  assert.equal(root.getName(), "pot");
  assert.equal(root.getVersion(), "1.2.3");
  assert.deepEqual(root.getCommands().map((command) => command.getName()), ["record", "status"]);
  assert.deepEqual(root.getCommands(true).map((command) => command.getName()), [
    "record",
    "status",
    "secret",
  ]);
  assert.deepEqual(root.getOptions().map((option) => option.name).sort(), [
    "help",
    "home",
    "json",
    "version",
  ]);
  const leaf = root.getCommand("record")?.getCommand("checkpoint");
  assert(leaf);
  assert.equal(leaf.getPath(), "pot record checkpoint");
  assert.equal(leaf.getDescription(), "Record a checkpoint.\n\nAll of its files.");
  assert.deepEqual(leaf.getAliases(), ["cp"]);
  assert.deepEqual(leaf.getExamples(), [{
    name: "One file",
    description: "pot record checkpoint --run r --step 1 a.safetensors",
  }]);
  const [paths] = leaf.getArguments();
  assert.deepEqual([paths?.name, paths?.type, paths?.variadic, paths?.optional], [
    "paths",
    "file",
    true,
    false,
  ]);
  const step = leaf.getOptions().find((option) => option.name === "step");
  assert.deepEqual([step?.flags, step?.description, step?.required], [["-s", "--step"], "The step.", true]);
  const names = (hidden: boolean) => leaf.getOptions(hidden).map((option) => option.name);
  assert.deepEqual([names(false).includes("is-final"), names(true).includes("is-final")], [false, true]);
  assert(names(false).includes("json") && names(false).includes("help") && !names(false).includes("version"));
});

Deno.test("Command refuses the same name twice", () => {
  assert.throws(() => new Command().option("--run <a:string>", "One.").option("-r, --run", "Two."), /run/);
  assert.throws(() => new Command().command("a", new Command()).command("a", new Command()), /a/);
});

Deno.test("parse() ends the process where it is not told otherwise", async () => {
  const script = `
    import { Command } from "@cliffy/command";
    await new Command().name("tool").description("The tool.").action(() => console.log("ran")).parse();
    console.log("went on");
  `;
  const execute = async (...args: string[]) => {
    const command = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-lock", "--no-check", script, ...args],
    });
    const { code, stdout, stderr } = await command.output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: text(stdout), err: text(stderr) };
  };
  const [plain, help, refused] = await Promise.all([execute(), execute("--help"), execute("--bogus")]);
  assert.deepEqual([plain.code, plain.out], [0, "ran\nwent on\n"]);
  assert.equal(help.code, 0);
  assert(help.out.includes("The tool.") && !help.out.includes("ran\n") && !help.out.includes("went on"));
  assert.equal(refused.code, 2);
  assert.match(refused.err, /--bogus/);
  assert(refused.out.includes("The tool.") && !refused.out.includes("went on"));
});
