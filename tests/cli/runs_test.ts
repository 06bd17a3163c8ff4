import assert from "node:assert/strict";
import { encodeRecord, eventKey } from "../../lib/core/encode_record.ts";
import { RECORD_SCHEMA } from "../../lib/core/record.ts";
import { openRuntime } from "../../lib/runtime/open_runtime.ts";
import { parseConfig } from "../../lib/runtime/parse_config.ts";
import { type CliHarness, createCli } from "../_fakes/cli_harness.ts";

async function createInstalled() {
  const cli = await createCli();
  await cli.run("init", "--local");
  return cli;
}

/** Appends records that name what the test says, not what the log does; answers with the last one's id. */
async function appendLinked(
  { folder, path }: CliHarness,
  links: readonly (string | undefined)[],
): Promise<string> {
  const config = parseConfig({ folder, env: {}, flags: { home: path(".pot"), chain: "local" } });
  await using runtime = await openRuntime(config);
  let last = "";
  for (const [i, previous] of links.entries()) {
    const event = { kind: "validation", runId: "r", step: 10 + i } as const;
    const { id } = await runtime.log.append({
      runId: "r",
      eventKey: eventKey(event),
      build: () =>
        encodeRecord({
          schema: RECORD_SCHEMA,
          ...event,
          ...(previous === undefined ? {} : { previous }),
          recordedAt: "2999-01-01T00:00:00.000Z",
          salt: "00".repeat(32),
        }),
    });
    last = id;
  }
  return last;
}

Deno.test("pot runs exits with 1 where the chain of a run is broken, and says where", async () => {
  await using cli = await createInstalled();
  const record = ["record", "validation", "--run", "r", "--metric", "a=1", "--json"];
  const first = (await cli.run(...record)).json.records[0].id;
  await cli.run(...record, "--step", "1");
  await appendLinked(cli, [first, "ab".repeat(32)]);
  const { code, out } = await cli.run("runs", "r");
  assert.equal(code, 1);
  assert.deepEqual(out.split("\n").slice(4), [
    "BROKEN fork at record 2: names record 0 as the one before it, and so does another record",
    `BROKEN gap at record 3: names ${"ab".repeat(32)} as the record before it, which the log does not hold`,
    "",
  ]);
  const { code: jsonCode, json } = await cli.run("runs", "r", "--json");
  assert.deepEqual([jsonCode, json.isUnbroken], [1, false]);
  assert.deepEqual(
    json.findings.map(({ kind, severity, index }: Record<string, string>) => [kind, severity, index]),
    [
      ["fork", "broken", "2"],
      ["gap", "broken", "3"],
    ],
  );
});

Deno.test("pot runs warns of a step that went backwards and exits with 0", async () => {
  await using cli = await createInstalled();
  for (const step of ["5", "3"]) {
    await cli.run("record", "validation", "--run", "r", "--step", step, "--metric", "a=1");
  }
  const { code, out } = await cli.run("runs", "r");
  assert.equal(code, 0);
  assert.match(out, /\nwarning step at record 1: step 3 after step 5 of record 0\n$/);
  const { json } = await cli.run("runs", "r", "--json");
  assert.deepEqual([json.isUnbroken, json.findings.length, json.findings[0].kind], [true, 1, "step"]);
  assert.equal(json.records[1].previous, json.records[0].id);
});
