import assert from "node:assert/strict";
import { isAllowed } from "../../../lib/access/authorize.ts";
import { PERMISSIONS } from "../../../lib/access/permissions.ts";
import { ROLES } from "../../../lib/access/roles.ts";
import { guardPort, type MethodRule, type PortRules } from "../../../lib/runtime/guard_port.ts";
import {
  ANCHOR_RULES,
  CHAIN_RULES,
  DOCUMENT_RULES,
  JOB_BACKUP_RULES,
  LOG_RULES,
  RECORDER_CHAIN_RULES,
  RECORDER_RULES,
  TOKEN_RULES,
} from "../../../lib/runtime/port_rules.ts";
import { createAccess } from "../../_fakes/access_fixture.ts";

type AnyRules = Readonly<Record<string, MethodRule<readonly unknown[]>>>;

const PORTS = {
  recorder: RECORDER_RULES,
  chain: CHAIN_RULES,
  "recorder's chain": RECORDER_CHAIN_RULES,
  log: LOG_RULES,
  anchors: ANCHOR_RULES,
  documents: DOCUMENT_RULES,
  "jobs' backups": JOB_BACKUP_RULES,
  tokens: TOKEN_RULES,
} as unknown as Readonly<Record<string, AnyRules>>;

/** What every method can do something with. */
const ARGUMENT = { size: 3n, slice: () => "ab" };

for (const [port, rules] of Object.entries(PORTS)) {
  for (const role of ROLES) {
    Deno.test(`the ${port} of a runtime lets ${role} do what the permissions say, and nothing else`, async () => {
      await using access = await createAccess();
      const called: string[] = [];
      const methods = Object.keys(rules).map((name) => [name, () => {
        called.push(name);
        return Promise.resolve(name);
      }]);
      const guarded = guardPort(
        Object.fromEntries(methods) as Record<string, (given: unknown) => Promise<string>>,
        rules as unknown as PortRules<Record<string, (given: unknown) => Promise<string>>>,
        access.gateOf({ name: "somebody", role }),
      );
      for (const [name, rule] of Object.entries(rules)) {
        const verb = rule === "reads" ? undefined : "check" in rule ? rule.check : rule.verb;
        const call = () => guarded[name]!(ARGUMENT);
        if (verb === undefined || isAllowed({ role }, verb)) {
          assert.equal(await call(), name);
          assert.equal(called.pop(), name);
        } else {
          await assert.rejects(call(), { name: "PermissionError", verb }, name);
          assert.deepEqual(called, []);
          assert.ok((await access.said()).some((line) => line.startsWith(`${verb} refused`)));
        }
      }
    });
  }
}

Deno.test("the rules of a runtime's ports let through without asking only what reads", () => {
  const reading = Object.entries(PORTS).map(([port, rules]) => [
    port,
    Object.keys(rules).filter((name) => rules[name] === "reads").join(" "),
  ]);
  const chain = "retrieveHash verifyHash findAnchor refresh lineage health";
  assert.deepEqual(Object.fromEntries(reading), {
    recorder: "prove proveRun status",
    chain,
    "recorder's chain": chain,
    log:
      "verifierKeys size publishedCheckpoint headAt entry entries find inclusionPath consistencyPath subtreeHashes runs runIndices",
    anchors: "list underWay",
    documents: "get",
    "jobs' backups": "origin identities list find",
    tokens: "list authenticate",
  });
});

Deno.test("guardPort() leaves everything else of a port as it is", async () => {
  class Counter {
    #count = 0;
    readonly name = "counter";
    get count() {
      return this.#count;
    }
    read() {
      return this.#count;
    }
    add(by: number) {
      return Promise.resolve(this.#count += by);
    }
    [Symbol.asyncDispose]() {
      this.#count = -1;
      return Promise.resolve();
    }
  }
  await using access = await createAccess();
  const gate = access.gateOf({ name: "somebody", role: "admin" });
  const counter = guardPort(new Counter(), {
    read: "reads",
    add: { verb: "chain.store", subject: (by) => `by ${by}` },
  }, gate);
  assert.equal(await counter.add(3), 3);
  assert.deepEqual([counter.name, counter.count, counter.read()], ["counter", 3, 3]);
  assert.deepEqual(await access.said(), ["chain.store allowed by 3"]);
  await counter[Symbol.asyncDispose]();
  assert.equal(counter.count, -1);
});

Deno.test("the rules of a runtime's ports name verbs of the permissions", () => {
  for (const rules of Object.values(PORTS)) {
    for (const rule of Object.values(rules)) {
      if (rule !== "reads") assert.ok(Object.hasOwn(PERMISSIONS, "check" in rule ? rule.check : rule.verb));
    }
  }
});
