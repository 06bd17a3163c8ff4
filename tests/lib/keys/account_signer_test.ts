import assert from "node:assert/strict";
import { createAccountSigner } from "../../../lib/keys/account_signer.ts";

Deno.test("createAccountSigner() says nothing of what is no key", async () => {
  // The group's order, and more: viem's own error shows the number, in decimal.
  for (const hex of ["fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", "f".repeat(64)]) {
    await assert.rejects(createAccountSigner(`0x${hex}`), (error: Error) => {
      const shown = Deno.inspect(error, { depth: 20, showHidden: true });
      assert.deepEqual([error.name, error.message], ["RangeError", "no private key of secp256k1"]);
      for (const secret of [hex, String(BigInt(`0x${hex}`))]) assert.ok(!shown.includes(secret));
      return true;
    });
  }
});
