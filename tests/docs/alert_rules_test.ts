import assert from "node:assert/strict";
import type { CliContext } from "../../cli/cli_context.ts";
import { potCommand } from "../../cli/pot_command.ts";
import { ruleMistakes } from "../../lib/alerts/check_rules.ts";
import { DEFAULT_RULES } from "../../lib/alerts/default_rules.ts";
import { createRedactor } from "../../lib/core/redactor.ts";
import { alertRuleRows } from "../_fakes/alert_rules_table.ts";

Deno.test("the built-in rules have no mistakes", () => {
  assert.deepEqual(ruleMistakes(DEFAULT_RULES), []);
});

Deno.test("docs/operations.md lists the built-in rules as they are", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/operations.md", import.meta.url));
  const [, section = ""] = page.split("\n### Rules\n");
  const table = section.split("\n").slice(
    section.split("\n").findIndex((line) => line.startsWith("| ---")) + 1,
  );
  const end = table.findIndex((line) => !line.startsWith("|"));
  const rows = table.slice(0, end).map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim()));
  assert.deepEqual(rows, alertRuleRows());
});

Deno.test("every command that a runbook names exists", async () => {
  const context = {
    env: {},
    folder: "/nowhere",
    redactor: createRedactor(),
    signal: new AbortController().signal,
  };
  const root = await potCommand(context as unknown as CliContext);
  const known = new Set<string>();
  const walk = (command: typeof root, words: string) => {
    known.add(words);
    for (const child of command.getCommands()) walk(child, `${words} ${child.getName()}`);
  };
  walk(root, "pot");
  let named = 0;
  for (const { name, runbook } of DEFAULT_RULES) {
    for (const [, words = ""] of runbook.matchAll(/\b(pot(?: [a-z-]+)+)/g)) {
      const [, first = "", second = ""] = words.split(" ");
      // "see pot status for …": the word after a command may be prose, one that stands for a group may not.
      const group = `pot ${first}`;
      const hasChildren = [...known].some((command) => command.startsWith(`${group} `));
      assert.ok(known.has(group), `${name}: ${group}`);
      if (hasChildren) assert.ok(known.has(`${group} ${second}`), `${name}: ${group} ${second}`);
      named++;
    }
  }
  assert.ok(named > 50, `${named}`);
});
