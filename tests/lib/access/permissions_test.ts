import assert from "node:assert/strict";
import { PermissionError } from "../../../lib/access/access_errors.ts";
import { authorize, isAllowed } from "../../../lib/access/authorize.ts";
import { PERMISSIONS, type Verb } from "../../../lib/access/permissions.ts";
import { ROLES } from "../../../lib/access/roles.ts";

const VERBS = Object.keys(PERMISSIONS) as Verb[];

Deno.test("PERMISSIONS says of each verb in a sentence what it does, and leaves nothing to viewers", () => {
  for (const verb of VERBS) {
    assert.match(verb, /^[a-z]+\.[a-z]+(?:-[a-z]+)*$/);
    assert.match(PERMISSIONS[verb].does, /^[A-Z][^.]+\.$/, verb);
    assert.ok(ROLES.indexOf(PERMISSIONS[verb].role) > ROLES.indexOf("viewer"), verb);
  }
  for (const role of ROLES.slice(1)) {
    assert.ok(VERBS.some((verb) => PERMISSIONS[verb].role === role), `nothing asks for ${role}`);
  }
});

for (const verb of VERBS) {
  for (const role of ROLES) {
    const may = ROLES.indexOf(role) >= ROLES.indexOf(PERMISSIONS[verb].role);
    Deno.test(`authorize() ${may ? "lets" : "does not let"} ${role} do ${verb}`, () => {
      const principal = { name: "somebody", role, tokenId: "0123abcd" };
      assert.equal(isAllowed(principal, verb), may);
      if (may) return authorize(principal, verb);
      assert.throws(() => authorize(principal, verb), (error) => {
        assert.ok(error instanceof PermissionError);
        assert.equal(error.exitCode, 2);
        assert.deepEqual([error.principal, error.verb], [principal, verb]);
        const { message } = error;
        assert.ok(message.includes(`the role ${role}`), message);
        assert.ok(message.endsWith(` ${verb} needs ${PERMISSIONS[verb].role}`), message);
        return true;
      });
    });
  }
}

Deno.test("PermissionError says what was not done, who wanted it and what it takes", () => {
  const error = new PermissionError({ name: "ci-trainer", role: "recorder", tokenId: "1" }, "anchor.send");
  assert.equal(
    error.message,
    "Cannot commit the log's head to the chain or to the local ledger as the token ci-trainer has the role recorder and anchor.send needs operator",
  );
  assert.equal(error.hint, "use a token with the role operator: an admin makes one with pot tokens new");
  assert.match(
    new PermissionError({ name: "local", role: "viewer" }, "writes.pause").message,
    /^Cannot stop all writes to the chain from this host as local has the role viewer and /,
  );
});
