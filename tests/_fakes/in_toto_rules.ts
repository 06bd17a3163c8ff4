import assert from "node:assert/strict";

/**
 * Asserts what the in-toto attestation spec requires of a Statement, version 1
 * (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md and the field types that it refers to), of its JSON text.
 */
export function assertInTotoStatement(value: unknown): void {
  const statement = JSON.parse(JSON.stringify(value));
  assert.deepEqual(Object.keys(statement).sort(), ["_type", "predicate", "predicateType", "subject"]);
  assert.equal(statement._type, "https://in-toto.io/Statement/v1");

  assert.ok(Array.isArray(statement.subject) && statement.subject.length > 0);
  const descriptorFields = [
    "name",
    "uri",
    "digest",
    "content",
    "downloadLocation",
    "mediaType",
    "annotations",
  ];
  for (const descriptor of statement.subject) {
    for (const field of Object.keys(descriptor)) assert.ok(descriptorFields.includes(field), field);
    assert.equal(typeof descriptor.name, "string");
    // Each subject MUST have a digest; named algorithms are written in lowercase hex.
    assert.ok(Object.keys(descriptor.digest).length > 0);
    assert.match(descriptor.digest.sha256, /^[0-9a-f]{64}$/);
  }
  const names = statement.subject.map(({ name }: { name: string }) => name);
  assert.equal(new Set(names).size, names.length, "names SHOULD be unique");

  // A TypeURI: scheme and authority in lowercase, with a version.
  assert.match(statement.predicateType, /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9.-]+\/\S*v\d+$/);
  assert.equal(typeof statement.predicate, "object");
  assert.ok(!Array.isArray(statement.predicate));
}
