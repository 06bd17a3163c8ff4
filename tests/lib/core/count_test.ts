import assert from "node:assert/strict";
import { count } from "../../../lib/core/count.ts";

Deno.test("count() has one record, and no, two or many records", () => {
  assert.deepEqual([0, 1, 2n, 1n].map((number) => count(number, "record")), [
    "0 records",
    "1 record",
    "2 records",
    "1 record",
  ]);
});
