import { PotError, UsageError } from "../core/errors.ts";
import { parseJson } from "../core/parse_json.ts";
import { MAX_RECORD_BYTES } from "../core/record.ts";
import { parseProofAnchor } from "./parse_anchor.ts";
import { MAX_LOG_KEYS, MAX_PROOF_BYTES, type Proof, PROOF_SCHEMA } from "./proof.ts";
import { base64Bytes, isObject, list, object, text, whole } from "./proof_fields.ts";

const MAX_ANCHORS = 1_000;

/**
 * Reads a proof file. Every field is checked for its one accepted spelling; unknown fields are refused.
 *
 * @throws {UsageError} when the format's version is not known (exit code 2).
 * @throws {PotError} when it is malformed, naming the field (exit code 1).
 *
 * @example
 * ```ts
 * import { parseProof, PotError } from "@pot/ops";
 * try {
 *   parseProof("{}");
 * } catch (error) {
 *   console.log(error instanceof PotError && error.message);
 * }
 * ```
 */
export function parseProof(json: string): Proof {
  if (typeof json !== "string") throw new PotError("Cannot read the proof as it is not text");
  const value = parseJson(json, { subject: "the proof", maxBytes: MAX_PROOF_BYTES, maxDepth: 16 });
  const schema = isObject(value) ? value.schema : undefined;
  if (typeof schema !== "string" || !schema.startsWith("pot-proof/")) {
    throw new PotError("Cannot read the proof as it is not a pot proof", {
      facts: [`schema: ${JSON.stringify(schema)?.slice(0, 80)}`],
      hint: "write one with: pot prove <id>",
    });
  }
  if (schema !== PROOF_SCHEMA) {
    throw new UsageError("Cannot read the proof as its format version is not known", {
      facts: [`schema: ${JSON.stringify(schema.slice(0, 80))}`, `known: ${PROOF_SCHEMA}`],
      hint: "a newer version of pot may know it",
    });
  }
  const fields = object(value, "proof", ["schema", "record", "index", "logKeys", "anchors"]);
  return {
    schema: PROOF_SCHEMA,
    record: base64Bytes(fields.record, "record", MAX_RECORD_BYTES),
    index: whole(fields.index, "index"),
    logKeys: list(fields.logKeys, "logKeys", MAX_LOG_KEYS).map((key, i) => text(key, `logKeys[${i}]`, 1_024)),
    anchors: list(fields.anchors, "anchors", MAX_ANCHORS).map((anchor, i) =>
      parseProofAnchor(anchor, `anchors[${i}]`)
    ),
  };
}
