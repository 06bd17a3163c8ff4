import assert from "node:assert/strict";

/** docs/formats.md. */
export const page = await Deno.readTextFile(new URL("../../docs/formats.md", import.meta.url));

/** What stands under a heading, up to the next one of its level or above. */
export function section(heading: string): string {
  const [mark = ""] = heading.split(" ");
  const start = page.indexOf(`\n${heading}\n`);
  assert.ok(start >= 0, `no heading ${heading}`);
  const rest = page.slice(start + heading.length + 2);
  const end = rest.search(new RegExp(`\\n#{2,${mark.length}} `));
  return end < 0 ? rest : rest.slice(0, end);
}

/** The first code block under a heading. */
export function code(heading: string): string {
  const [, block] = /\n```\w+\n([^]*?)```/.exec(section(heading)) ?? [];
  assert.ok(block !== undefined, `no code under ${heading}`);
  return block;
}

/** Does not compile unless it has every field of the type, and no other. */
export function fieldsOf<T>(fields: { readonly [Name in keyof Required<T>]: true }): readonly string[] {
  return Object.keys(fields);
}
