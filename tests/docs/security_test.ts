import { Ajv2020 } from "ajv/dist/2020.js";
import assert from "node:assert/strict";
import { openAuditTrail } from "../../lib/access/audit_trail.ts";
import { PERMISSIONS } from "../../lib/access/permissions.ts";
import { ROLES } from "../../lib/access/roles.ts";
import { parseTokenFile, type TokenEntry } from "../../lib/access/token_file.ts";
import { type TrailHead, trailHeadText } from "../../lib/access/trail_head.ts";
import { hashTrailLine, parseTrailLine, type TrailLine } from "../../lib/access/trail_line.ts";
import { canonicalJson } from "../../lib/core/canonical_json.ts";
import { denoFiles } from "../../lib/io/deno_files.ts";
import { createAccess } from "../_fakes/access_fixture.ts";
import { code, fieldsOf, section } from "../_fakes/formats_page.ts";

const security = await Deno.readTextFile(new URL("../../docs/security.md", import.meta.url));
const validate = new Ajv2020({ allErrors: true }).compile(JSON.parse(code("### Access trail schema")));
const example: readonly TrailLine[] = code("## Access trail").trimEnd().split("\n").map((line) =>
  JSON.parse(line)
);

/** Cells of the tables under a mark, without the white space that a formatter puts in. */
function cellsOf(text: string): readonly (readonly string[])[] {
  return text.split("\n").filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

Deno.test("docs/security.md has the table of permissions as it is", () => {
  const [, table] = /<!-- permissions: [^>]*-->([^]*?)<!-- \/permissions -->/.exec(security) ?? [];
  assert.ok(table !== undefined);
  const expected = Object.entries(PERMISSIONS)
    .map(([verb, { role, does }]) => [`\`${verb}\``, `\`${role}\``, does.replace(/\.$/, "")]);
  // What it should be, for whoever adds a row: deno fmt lays it out.
  const shown = expected.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  assert.deepEqual(cellsOf(table).slice(2), expected, `the table should be:\n${shown}`);
  for (const role of ROLES) assert.ok(security.includes(`\`${role}\``));
});

Deno.test("docs/formats.md has every field of trail, head and tokens", () => {
  const fields = {
    "## Access trail": fieldsOf<TrailLine>({
      schema: true,
      sequence: true,
      at: true,
      principal: true,
      verb: true,
      subject: true,
      outcome: true,
      attempt: true,
      count: true,
      previous: true,
    }),
    "### Access trail head": fieldsOf<TrailHead>({
      schema: true,
      sequence: true,
      hash: true,
      verifierKey: true,
      signature: true,
    }),
    "## Access tokens": fieldsOf<TokenEntry>({
      id: true,
      name: true,
      role: true,
      hash: true,
      createdAt: true,
      expiresAt: true,
      lastUsedOn: true,
      revokedAt: true,
    }),
  };
  for (const [heading, names] of Object.entries(fields)) {
    const rows = cellsOf(section(heading)).map(([first]) => first);
    assert.deepEqual(names.filter((name) => !rows.includes(`\`${name}\``)), [], heading);
  }
});

Deno.test("docs/formats.md shows two lines of a trail that are bound to each other, and what is signed of them", () => {
  assert.equal(example.length, 2);
  for (const [i, line] of example.entries()) {
    assert.deepEqual(parseTrailLine(line), line);
    assert.ok(validate(line), JSON.stringify(validate.errors));
    assert.equal(code("## Access trail").split("\n")[i], canonicalJson(line));
  }
  assert.equal(example[1]!.previous, hashTrailLine(example[0]));
  assert.equal(
    code("### Access trail head"),
    trailHeadText({ sequence: 2, hash: hashTrailLine(example[1]) }),
  );
});

Deno.test("docs/formats.md's schema takes what is written, and not what is not", async () => {
  await using access = await createAccess();
  const trail = openAuditTrail(access.home, { files: denoFiles, clock: access.clock });
  const principal = { name: "a", role: "admin" } as const;
  await trail.note({ principal, verb: "tokens.new", subject: "x", outcome: "failed", attempt: 1 });
  await trail.note({
    principal: { name: "unknown" },
    verb: "authenticate",
    subject: "",
    outcome: "refused",
    count: 6,
  });
  for (const line of await access.lines()) assert.ok(validate(line), JSON.stringify(validate.errors));
  const [line] = example;
  const bad: readonly Record<string, unknown>[] = [
    { schema: "pot-access/2" },
    { sequence: 0 },
    { at: "2026-01-31" },
    { verb: "Anchor" },
    { outcome: "done" },
    { previous: "" },
    { note: "x" },
    { principal: { name: "a", role: "root" } },
  ];
  for (const change of bad) {
    const changed = { ...line, ...change };
    assert.equal(validate(changed), false, JSON.stringify(change));
    assert.equal(parseTrailLine(changed), undefined, JSON.stringify(change));
  }
  const { token } = await access.tokens.create({ name: "a", role: "admin", lifetimeMs: 86_400_000 });
  const [, pattern] = /find it by `([^`]+)`/.exec(section("## Access tokens")) ?? [];
  assert.match(token, new RegExp(`^${pattern}$`));
  assert.equal(parseTokenFile(await Deno.readFile(`${access.home}/tokens.json`), "f").length, 1);
});
