import assert from "node:assert/strict";
import { resolve } from "node:path";
import { pathFrom } from "../../cli/path_from.ts";

Deno.test("pathFrom() leaves an absolute path and puts the folder before any other", () => {
  assert.equal(pathFrom("/srv", "/proofs/a.json"), "/proofs/a.json");
  assert.equal(pathFrom("/srv", "a.json"), "/srv/a.json");
  assert.equal(pathFrom("/srv", "././/a.json"), "/srv/a.json");
  assert.equal(pathFrom("/srv", "./.hidden"), "/srv/.hidden");
});

Deno.test("pathFrom() leads where resolve() of node:path does", () => {
  for (const path of ["../a", "./../a", "a/../b", ".", "", "..", "a//b", "~/a", "\\a"]) {
    assert.equal(resolve(pathFrom("/srv/here", path)), resolve("/srv/here", path), path);
  }
});
