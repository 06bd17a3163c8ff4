import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };
import { runCli } from "../cli/main.ts";
import { inTemporaryFolder } from "./_fakes/temporary_folder.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PROBE = join(ROOT, "tests/_fakes/try_capabilities.ts");

/** Tasks that may do everything, and why: whoever starts programs can do through them what he may not do himself. */
const WIDE: Readonly<Record<string, string>> = {
  "test": "starts Anvil, PostgreSQL, Forge and Deno itself",
  "ok": "runs the tests",
  "kill": "starts the processes that it kills, PostgreSQL and Anvil",
  "chaos": "starts Anvil",
  "soak": "starts Anvil and the daemon",
  "metrics:scrape": "starts Prometheus, Anvil and the daemon",
  "backup:long": "starts the processes that it kills",
  "rebuild:long": "starts Anvil and the processes that it kills",
  "contracts:fuzz": "starts Forge and Anvil",
  "contracts:coverage": "starts Forge",
  "gas": "starts Anvil",
  "cost": "starts Anvil",
  "bench": "starts Anvil, PostgreSQL, openssl and whole processes of pot",
};

const TASKS: Readonly<Record<string, { readonly command: string }>> = config.tasks;

function isWide(name: string): boolean {
  return name in WIDE || name.startsWith("bench:");
}

/** The flags of a task's last program. */
function flagsOf(name: string): readonly string[] {
  return TASKS[name]!.command.split("&&").at(-1)!.split(/\s+/).filter((word) =>
    /^(?:-A|--(?:allow|deny)-)/.test(word)
  );
}

async function deno(
  args: readonly string[],
  cwd: string,
): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    stdin: "null",
  })
    .output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

async function capabilities(flags: readonly string[], cwd = ROOT): Promise<readonly string[]> {
  const { code, out, err } = await deno(
    ["run", "--no-prompt", "--no-lock", "--no-check", ...flags, PROBE],
    cwd,
  );
  assert.equal(code, 0, err);
  return JSON.parse(out);
}

Deno.test("deno.json gives no task all permissions but those that need them", () => {
  for (const [name, { command }] of Object.entries(TASKS)) {
    const isAll = /(?:^|\s)(?:-A|--allow-all)(?:\s|$)/.test(command);
    assert.ok(!isAll || isWide(name), `the task ${name} has all permissions: name those that it needs`);
  }
  for (const name of Object.keys(WIDE)) {
    assert.ok(name in TASKS || name === "soak", `${name} is no task any more`);
  }
});

Deno.test("what holds keys may start no program, and what builds may not connect", async () => {
  const pot = await capabilities(flagsOf("pot"));
  assert.deepEqual(pot, ["env", "net", "net 127.0.0.1", "read", "read here", "write", "write here"]);
  assert.deepEqual(await capabilities(flagsOf("deploy")), pot);
  assert.deepEqual(await capabilities(flagsOf("contracts:build")), ["read here"]);
  assert.deepEqual(await capabilities(flagsOf("contracts:prove")), ["env", "read", "read here"]);
  assert.deepEqual(await capabilities(flagsOf("docs")), ["env", "read", "read here", "write", "write here"]);
  const demo = await capabilities(flagsOf("demo"));
  assert.ok(!demo.includes("net") && demo.includes("net 127.0.0.1"));
});

Deno.test("pot verify --offline and pot log audit need no more than docs/security.md says", async () => {
  await inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "model.bin"), "model");
    for (
      const line of [
        "init --local",
        "record checkpoint model.bin --run run-1 --step 1",
        "anchor",
        "prove --run run-1 -o p.pot-proof.json",
      ]
    ) {
      let text = "";
      const add = (more: string) => {
        text += more;
      };
      const context = { env: {}, folder, out: add, err: add, isTerminal: false, hasColor: false };
      assert.equal(
        await runCli(line.split(" "), { ...context, signal: AbortSignal.timeout(30_000) }),
        0,
        text,
      );
    }
    const pot = (flags: readonly string[], args: readonly string[]) =>
      deno([
        ...["run", "--no-prompt", "--no-lock", "--no-check", `--config=${join(ROOT, "deno.json")}`],
        ...flags,
        join(ROOT, "cli/main.ts"),
        ...args,
      ], folder);
    const verify = ["verify", "p.pot-proof.json", "--offline"];
    const security = await Deno.readTextFile(join(ROOT, "docs/security.md"));

    for (
      const [who, flags, args] of [
        ["auditor", ["--allow-read=."], verify],
        ["auditor of a log", ["--allow-read=.", "--allow-write=."], ["log", "audit", "--offline"]],
      ] as const
    ) {
      // Commands are loaded when they are named, in a checkout from its files.
      const here = flags.map((flag) => flag.startsWith("--allow-read=") ? `${flag},${ROOT}` : flag);
      const { code, err } = await pot(here, args);
      assert.equal(code, 0, `${who}: ${err}`);
      assert.ok(
        security.includes(
          `deno run ${flags.join(" ")} jsr:@pot/ops/cli ${args.slice(0, 2).join(" ").split(" p.")[0]}`,
        ),
        who,
      );
    }
    const denied = await pot([], verify);
    assert.notEqual(denied.code, 0);
    assert.match(denied.err, /read access/);
    assert.deepEqual(await capabilities(["--allow-read=."], folder), ["read here"]);
  });
});
