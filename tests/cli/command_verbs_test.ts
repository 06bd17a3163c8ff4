import assert from "node:assert/strict";
import type { AnyCommand } from "../../cli/any_command.ts";
import type { CliContext } from "../../cli/cli_context.ts";
import { COMMAND_VERBS, mayChange, READING_COMMANDS } from "../../cli/command_verbs.ts";
import { potCommand } from "../../cli/pot_command.ts";
import { readCommandLine, runCommand, verbOf } from "../../cli/run_command.ts";
import { isAllowed } from "../../lib/access/authorize.ts";
import { PERMISSIONS, type Verb } from "../../lib/access/permissions.ts";
import { ROLES } from "../../lib/access/roles.ts";
import { createRedactor } from "../../lib/core/redactor.ts";
import type { MethodRule } from "../../lib/runtime/guard_port.ts";
import * as portRules from "../../lib/runtime/port_rules.ts";
import { createAccess } from "../_fakes/access_fixture.ts";

/** Not there, so that no command that is let through by mistake finds anything to change. */
const NOWHERE = "/nonexistent/pot";

function contextOf(env: Readonly<Record<string, string>> = {}, folder = NOWHERE): CliContext {
  const redactor = createRedactor();
  return {
    env,
    folder,
    out: () => {},
    err: () => {},
    reveal: () => {},
    redactor,
    isTerminal: false,
    hasColor: false,
    signal: AbortSignal.abort(new Error("let through")),
    exitWith: () => {},
  };
}

const root = await potCommand(contextOf());

/** Every command that has none below it, by its words. */
function leavesOf(command: AnyCommand, words: readonly string[]): readonly (readonly [string, AnyCommand])[] {
  const children = command.getCommands(true);
  if (children.length === 0) return [[words.join(" "), command]];
  return children.flatMap((child) => leavesOf(child, [...words, child.getName()]));
}

const LEAVES = leavesOf(root, []);

/** Options that turn a command into one that changes nothing, or into one that does. */
const VARIANTS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "backup restore": [["--apply"]],
  "backup prune": [["--dry-run"]],
  "contract deploy": [["--dry-run"]],
  "keys rotate": [["--dry-run"]],
  "keys show": [["--private-key"]],
  "test": [["--blockchain"]],
};

/** What a kind of value can be; a command's own kinds are lists of words. */
const SAMPLES: Readonly<Record<string, string>> = {
  string: "x",
  file: "x",
  integer: "1",
  number: "1",
  boolean: "true",
  role: "viewer",
  severity: "warning",
};

/** A line that the command takes, made of what the command says of itself. */
function lineOf(path: string, command: AnyCommand): readonly string[] {
  const sample = (type: string) => SAMPLES[type] ?? assert.fail(`${path}: no sample of a ${type}`);
  const given = command.getArguments().filter(({ optional }) => optional !== true)
    .map(({ type }) => sample(type));
  const options = command.getOptions().filter(({ required }) => required === true)
    .flatMap(({ name, args }) => [`--${name}`, ...args.map(({ type }) => sample(type))]);
  return [...path.split(" "), ...given, ...options];
}

/** Lines of every command that changes something, and what they ask for. */
async function mutatingLines() {
  const found: { readonly path: string; readonly line: readonly string[]; readonly verb: Verb }[] = [];
  for (const [path, command] of LEAVES.filter(([path]) => Object.hasOwn(COMMAND_VERBS, path))) {
    for (const more of [[], ...VARIANTS[path] ?? []]) {
      const line = [...lineOf(path, command), ...more];
      const verb = verbOf((await readCommandLine(contextOf(), line))!);
      if (verb !== undefined) found.push({ path, line, verb });
    }
  }
  return found;
}

Deno.test("every command stands in COMMAND_VERBS or in READING_COMMANDS, and in one of them", () => {
  const listed = [...Object.keys(COMMAND_VERBS), ...READING_COMMANDS];
  assert.deepEqual(listed.filter((path, i) => listed.indexOf(path) !== i), [], "in both");
  const paths = LEAVES.map(([path]) => path);
  assert.deepEqual(
    paths.filter((path) => !listed.includes(path)),
    [],
    "in none: add them to cli/command_verbs.ts",
  );
  assert.deepEqual(listed.filter((path) => !paths.includes(path)), [], "no command of that name");
});

Deno.test("every row of PERMISSIONS has a command, a port or the server that asks for it", async () => {
  const used = new Set<string>();
  for (const rules of Object.values(portRules)) {
    if (typeof rules === "function") continue;
    for (const rule of Object.values(rules) as MethodRule<readonly unknown[]>[]) {
      if (rule !== "reads") used.add("check" in rule ? rule.check : rule.verb);
    }
  }
  for (const { verb } of await mutatingLines()) used.add(verb);
  assert.deepEqual([...used].filter((verb) => !Object.hasOwn(PERMISSIONS, verb)), [], "no row");
  assert.deepEqual(Object.keys(PERMISSIONS).filter((verb) => !used.has(verb)), [], "nobody asks for it");
});

Deno.test("readCommandLine() runs nothing, and reads every command's own example line", async () => {
  for (const [path, command] of LEAVES) {
    const line = lineOf(path, command);
    const read = await readCommandLine(contextOf(), line);
    assert.equal(read?.path, path);
    assert.equal(
      mayChange(path.split(" ")[0]!),
      Object.keys(COMMAND_VERBS).some((other) => other.split(" ")[0] === path.split(" ")[0]),
    );
  }
});

Deno.test("every command that changes something refuses whoever may not, before it does anything", async (t) => {
  await using access = await createAccess();
  const { tokens, home } = access;
  const secrets = Object.fromEntries(
    await Promise.all(ROLES.map(async (role) => {
      const { token } = await tokens.create({ name: role, role, lifetimeMs: 366 * 86_400_000 });
      return [role, token] as const;
    })),
  );
  for (const { path, line, verb } of await mutatingLines()) {
    for (const role of ROLES.filter((role) => !isAllowed({ role }, verb))) {
      await t.step(`pot ${path} does not let ${role} do ${verb}`, async () => {
        const env = { POT_ACCESS: "tokens", POT_TOKEN: secrets[role]!, POT_HOME: home };
        await assert.rejects(runCommand(contextOf(env), line), { name: "PermissionError", verb });
      });
    }
  }
  const refused = (await access.lines()).filter(({ outcome }) => outcome === "refused");
  assert.ok(refused.length > 60, `${refused.length} refusals noted`);
  assert.equal((await access.lines()).length, refused.length, "nothing was allowed");
});

Deno.test("every command that changes something lets through whoever may", async () => {
  for (const { path, line, verb } of await mutatingLines()) {
    for (const role of ROLES.filter((role) => isAllowed({ role }, verb))) {
      await using access = await createAccess();
      const { token } = await access.tokens.create({ name: role, role, lifetimeMs: 366 * 86_400_000 });
      // A home without a log and a signal that is aborted: whatever it fails with, it is not the permission.
      const env = { POT_ACCESS: "tokens", POT_TOKEN: token, POT_HOME: access.home };
      const error = await runCommand(contextOf(env, access.home), line).catch((error) => error);
      assert.notEqual(error?.name, "PermissionError", `${path} as ${role}`);
      assert.notEqual(error?.name, "AuthenticationError", `${path} as ${role}`);
      assert.ok(!(await access.lines()).some(({ outcome }) => outcome === "refused"), `${path} as ${role}`);
    }
  }
});
