import assert from "node:assert/strict";
import { confirmMainNetwork } from "../../cli/confirm_main_network.ts";
import { inCurrency, inGwei } from "../../lib/core/money.ts";
import { parseAddress } from "../../cli/parse_address.ts";

const OPTIONS = { action: "deploy the contract", chain: "polygon", lines: ["  cost      1 POL"] };

Deno.test("confirmMainNetwork() asks a person, once, with what it would cost", async () => {
  const asked: string[] = [];
  const shown: string[] = [];
  const context = (answer: boolean) => ({
    err: (text: string) => shown.push(text),
    confirm: (question: string) => Promise.resolve(asked.push(question) > 0 && answer),
  });
  await confirmMainNetwork(context(true), { ...OPTIONS, isConfirmed: true });
  assert.deepEqual([asked, shown], [[], []]);
  await confirmMainNetwork(context(true), { ...OPTIONS, isConfirmed: false });
  assert.deepEqual(asked, ["Deploy the contract on polygon, with real money?"]);
  assert.deepEqual(shown, ["  cost      1 POL\n"]);
  const refused = {
    name: "UsageError",
    message: "Cannot deploy the contract on polygon as nobody confirmed that it may cost real money",
  };
  await assert.rejects(() => confirmMainNetwork(context(false), { ...OPTIONS, isConfirmed: false }), refused);
  await assert.rejects(
    () => confirmMainNetwork({ err: () => {} }, { ...OPTIONS, isConfirmed: false }),
    refused,
  );
});

Deno.test("inCurrency() rounds up, inGwei() is exact", () => {
  assert.equal(inCurrency(0n, "POL"), "0 POL");
  assert.equal(inCurrency(1n, "POL"), "0.000000000000000001 POL");
  assert.equal(inCurrency(1_234_500_000_000_001n, "ETH"), "0.001235 ETH");
  assert.equal(inCurrency(99_999n * 10n ** 14n, "ETH"), "10 ETH");
  assert.equal(inGwei(1_500_000_000n), "1.5");
  assert.equal(inGwei(1n), "0.000000001");
});

Deno.test("parseAddress() takes one case, or the right capitals", async () => {
  const address = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
  for (const text of [address, address.toLowerCase(), `0x${address.slice(2).toUpperCase()}`]) {
    assert.equal(await parseAddress(text, "it"), address);
  }
  for (const text of ["", "0x12", address.slice(2), `${address}0`, address.replace("f39F", "f39f"), "0xg"]) {
    await assert.rejects(() => parseAddress(text, "it"), { name: "UsageError" }, text);
  }
});
