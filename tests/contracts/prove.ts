import solc from "solc";

/**
 * Proves what the contract's management may do, for every sequence of calls by anybody: deno task contracts:prove
 *
 * The compiler's model checker (CHC, z3) fails on the whole contract: it knows neither inline assembly nor code hashes nor
 * custom errors with arguments. So it is given a slice of the real source: the variables below and, word for word, every
 * function that assigns one of them. What is left out cannot change them: it assigns none (which is what chooses it), and
 * the assembly has no SSTORE (which is checked).
 */
const VARIABLES = ["owner", "paused", "successor", "pendingOwner", "predecessor"];

/** What must hold where a statement stands: before each is put `assert(…)`. */
const ASSERTED: readonly (readonly [statement: string, assertion: string])[] = [
  ["successor = newSuccessor;", "msg.sender == owner && successor == address(0)"],
  ["paused = false;", "msg.sender == owner && paused && successor == address(0)"],
  ["paused = true;", "msg.sender == owner && !paused"],
  ["pendingOwner = newOwner;", "msg.sender == owner && newOwner != address(0)"],
  ["owner = msg.sender;", "msg.sender == pendingOwner && msg.sender != address(0)"],
];

/** What must hold between calls, whatever they were. */
const INVARIANTS = ["successor == address(0) || paused", "owner != address(0)"];

const source = await Deno.readTextFile(new URL("../../contracts/ProofOfTraining.sol", import.meta.url));
const sliced = slice(source);
const messages = check(sliced);
const lines = sliced.split("\n");
let proved = 0;
for (const { errorCode, severity, message, sourceLocation } of messages) {
  if (severity === "error") throw new Error(message);
  const line = sliced.slice(0, sourceLocation?.start ?? 0).split("\n").length;
  const what = lines[line - 1]!.trim();
  if (errorCode === "9576") {
    proved++;
    console.log(`proved      ${what}`);
  } else {
    console.log(`not proved  ${what}: ${message}`);
  }
}
const total = ASSERTED.length + INVARIANTS.length;
console.log(`${proved} of ${total} assertions proved`);
if (proved !== total || messages.length !== total) Deno.exitCode = 1;

interface Message {
  readonly errorCode?: string;
  readonly severity: string;
  readonly message: string;
  readonly sourceLocation?: { readonly start: number };
}

function check(content: string): readonly Message[] {
  const modelChecker = {
    engine: "chc",
    solvers: ["z3"],
    targets: ["assert"],
    contracts: { "slice.sol": ["ProofOfTraining"] },
    showProvedSafe: true,
    showUnproved: true,
    showUnsupported: true,
  };
  const settings = { evmVersion: "prague", modelChecker, outputSelection: {} };
  const input = { language: "Solidity", sources: { "slice.sol": { content } }, settings };
  return JSON.parse(solc.compile(JSON.stringify(input))).errors ?? [];
}

function slice(text: string): string {
  if (/\bsstore\b|\bdelegatecall\b/i.test(text)) throw new Error("assembly may write storage");
  const assignments = new RegExp(`(?<![.\\w])(?:${VARIABLES.join("|")}) = `);
  let rest = text.replace(/^ *\/\/(?! SPDX).*\n/gm, "").replace(
    / {4}function \w+\([^{;]*\{[\s\S]*?\n {4}\}\n/g,
    (body) => assignments.test(body) ? body : "",
  );
  const replace = (pattern: RegExp | string, replacement: string) => {
    const replaced = rest.replace(pattern, () => replacement);
    if (replaced === rest) throw new Error(`the contract has changed: no ${pattern}`);
    rest = replaced;
  };
  replace(/^import .*\n/m, "");
  replace("contract ProofOfTraining is IProofOfTraining", "contract ProofOfTraining");
  // Neither decides what is kept: events, reasons, heads and their lanes.
  replace(/ *emit .*;\n/g, "");
  replace(/revert [A-Z]\w*\([^;]*\);/g, "revert();");
  replace(/ *_markLanes\(.*\);\n/g, "");
  replace(/ {4}struct Log \{[^}]*\}\n/, "");
  replace(/ {4}mapping.*\n/g, "");
  replace(/ {4}uint256 private constant .*\n/g, "");
  replace(/ {4}bytes32 private constant .*\n/g, "");
  // What other contracts answer is taken to be anything, but that there is one at address zero.
  replace(/\(bool isAnswered,[\s\S]*?predecessor, \(\)\)\);/, "");
  replace(/if \(!isAnswered .*\) revert\(\);/, "if (newSuccessor == address(0)) revert();");
  replace("if (oldContract.code.length == 0) revert();", "");
  // Nobody has the key of address zero.
  replace(
    "if (msg.sender != pendingOwner) revert();",
    "if (msg.sender != pendingOwner || msg.sender == address(0)) revert();",
  );
  for (const [statement, assertion] of ASSERTED) {
    if (rest.split(` ${statement}`).length !== 2) throw new Error(`not once in the contract: ${statement}`);
    replace(` ${statement}`, ` assert(${assertion});\n        ${statement}`);
  }
  const invariants = INVARIANTS.map((condition, i) => `
    function invariant${i}() external view {
        assert(${condition});
    }
`);
  return rest.replace(/\}\s*$/, `${invariants.join("")}}\n`).replace(/\n\s*\n+/g, "\n");
}
