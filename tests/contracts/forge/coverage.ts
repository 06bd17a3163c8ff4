import { openForgeProject } from "./forge_project.ts";

// Line and branch coverage of the contract by the Forge tests: deno task contracts:coverage
// It compiles without the optimizer, so that every branch of the source is one of the code; the other tests run on the
// released code.
await using project = await openForgeProject();
const report = `${project.path}/lcov.info`;
const { success, output } = await project.forge(
  ["coverage", "--report", "lcov", "--report-file", report],
  { POT_CREATION: "", FOUNDRY_SRC: "." },
);
if (!success) {
  console.error(output);
  Deno.exit(1);
}
const section = (await Deno.readTextFile(report)).split("end_of_record").find((text) =>
  /^SF:(?:.*\/)?ProofOfTraining\.sol$/m.test(text)
);
if (section === undefined) throw new Error("the report has no ProofOfTraining.sol");
const figure = (name: string) => Number(section.match(new RegExp(`^${name}:(\\d+)$`, "m"))?.[1]);
let isFull = true;
for (
  const [what, found, hit, missed] of [
    ["lines", "LF", "LH", /^DA:(\d+),0$/gm],
    ["branches", "BRF", "BRH", /^BRDA:(\d+),.*,(?:0|-)$/gm],
    ["functions", "FNF", "FNH", /^FNDA:0,(.*)$/gm],
  ] as const
) {
  const missing = [...section.matchAll(missed)].map((match) => match[1]);
  console.log(
    `${what.padEnd(10)}${figure(hit)} of ${figure(found)}${
      missing.length ? `, not ${missing.join(", ")}` : ""
    }`,
  );
  isFull &&= figure(found) > 0 && figure(hit) === figure(found);
}
if (!isFull) Deno.exitCode = 1;
