import fc from "fast-check";
import { encodeAbiParameters, toFunctionSelector } from "viem/utils";
import { startDevnet } from "../../lib/chain/devnet.ts";
import { checkStoredHashInput, MAX_METADATA_BYTES } from "../../lib/chain/stored_hash_input.ts";
import { UsageError } from "../../lib/core/errors.ts";
import { deployOnDevnet } from "./contract_on_devnet.ts";

const STORE_HASH = "0x6f28ee09";
const BATCH = 250;

/** A hash and metadata as a caller of the client gives them. */
export type Input = readonly [hash: string, metadata: string];

/** What one side says: nothing wrong, or which of the two fields is. */
type Verdict = "accepted" | "hash" | "metadata";

/** How many inputs there were of each kind, and those that the two sides don't agree on. */
export interface DifferentialFigures {
  readonly inputs: number;
  readonly accepted: number;
  readonly badHash: number;
  readonly badMetadata: number;
  /** Texts that UTF-8 cannot express: the client alone can tell, so it must refuse them. */
  readonly loneSurrogates: number;
  readonly disagreements: readonly string[];
}

const goodHash = fc.string({
  unit: fc.constantFrom(..."0123456789abcdef"),
  minLength: 64,
  maxLength: 64,
});
const changedHash = fc.tuple(
  goodHash,
  fc.nat(63),
  fc.oneof(
    fc.constantFrom(..."/:@`gGAF \n\0\u007f０é", "", "0x", "aa"),
    fc.string({ unit: "binary", maxLength: 2 }),
  ),
).map(([hash, position, other]) => hash.slice(0, position) + other + hash.slice(position + 1));
const hashes = fc.oneof(
  { weight: 4, arbitrary: goodHash },
  { weight: 2, arbitrary: changedHash },
  goodHash.map((hash) => hash.toUpperCase()),
  goodHash.map((hash) => `0x${hash}`),
  goodHash.map((hash) => `${hash}\n`),
  fc.string({ unit: "binary", maxLength: 70 }),
  fc.constantFrom("", "0".repeat(63), "0".repeat(64), "f".repeat(65), "0x" + "0".repeat(62), "é".repeat(32)),
);

/** Of one, two, three and four bytes in UTF-8. */
const CHARACTERS = ["a", "é", "€", "𝄞"] as const;

/** Just below, at and above the limit, in characters of each width. */
const nearLimit = fc.tuple(fc.constantFrom(...CHARACTERS), fc.integer({ min: -5, max: 5 })).map(
  ([character, more]) => {
    const width = new TextEncoder().encode(character).length;
    const sizeBytes = MAX_METADATA_BYTES + more;
    return character.repeat(Math.floor(sizeBytes / width)) + "x".repeat(sizeBytes % width);
  },
);
const metadatas = fc.oneof(
  { weight: 3, arbitrary: nearLimit },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
  fc.constant(""),
  fc.json(),
  fc.string({ unit: "grapheme", maxLength: 700 }),
  fc.array(fc.constantFrom("\ud834", "\udd1e", "a", "\ud834\udd1e"), { maxLength: 20 }).map((units) =>
    units.join("")
  ),
  fc.integer({ min: 0, max: 6_000 }).map((length) => "z".repeat(length)),
);

/** What has to be among them whatever the seed. */
const ALWAYS: readonly Input[] = [2_047, 2_048, 2_049].flatMap((sizeBytes) =>
  CHARACTERS.map((character): Input => {
    const width = new TextEncoder().encode(character).length;
    return [
      "a".repeat(64),
      character.repeat(Math.floor(sizeBytes / width)) + "x".repeat(sizeBytes % width),
    ];
  })
).concat([["", ""], ["0".repeat(64), ""], ["0".repeat(64), "\ud800"], ["G".repeat(64), "x".repeat(2_049)]]);

/** Asks the client and a real contract about that many inputs. */
export async function compareAcceptance(count: number, seed: number): Promise<DifferentialFigures> {
  await using devnet = await startDevnet();
  const [sender, owner] = devnet.accounts.map(({ address }) => address);
  const { address: to } = await deployOnDevnet(devnet, owner!);
  const random = fc.sample(fc.tuple(hashes, metadatas), { numRuns: count - ALWAYS.length, seed });
  const inputs: readonly Input[] = [...ALWAYS, ...random];
  const counts = { accepted: 0, hash: 0, metadata: 0 };
  const disagreements: string[] = [];
  let loneSurrogates = 0;
  for (let start = 0; start < inputs.length; start += BATCH) {
    const batch = inputs.slice(start, start + BATCH);
    const answers = await contractVerdicts(devnet.rpcUrl, { from: sender!, to }, batch);
    for (const [i, input] of batch.entries()) {
      const client = clientVerdict(input);
      const contract = answers[i]!;
      counts[client]++;
      // The contract takes bytes: it is given U+FFFD where the text has half a character.
      const isExpressible = input[1].isWellFormed();
      if (!isExpressible) loneSurrogates++;
      const agree = isExpressible ? client === contract : client !== "accepted";
      if (!agree) disagreements.push(`${JSON.stringify(input)}: client ${client}, contract ${contract}`);
    }
  }
  return {
    inputs: inputs.length,
    accepted: counts.accepted,
    badHash: counts.hash,
    badMetadata: counts.metadata,
    loneSurrogates,
    disagreements,
  };
}

function clientVerdict([hash, metadata]: Input): Verdict {
  try {
    checkStoredHashInput(hash, metadata);
    return "accepted";
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message.includes("metadata") ? "metadata" : "hash";
  }
}

const ERRORS: Readonly<Record<string, Verdict>> = {
  [toFunctionSelector("InvalidHash(string)")]: "hash",
  [toFunctionSelector("MetadataTooLong(uint256)")]: "metadata",
};

async function contractVerdicts(
  rpcUrl: string,
  call: { readonly from: string; readonly to: string },
  batch: readonly Input[],
): Promise<readonly Verdict[]> {
  const response = await fetch(rpcUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(batch.map((input, id) => {
      const words = encodeAbiParameters([{ type: "string" }, { type: "string" }], input);
      const data = `${STORE_HASH}${words.slice(2)}`;
      return { jsonrpc: "2.0", id, method: "eth_call", params: [{ ...call, data }, "latest"] };
    })),
  });
  const answers: readonly { id: number; result?: string; error?: { data?: string; message: string } }[] =
    await response.json();
  const verdicts: Verdict[] = [];
  for (const { id, result, error } of answers) {
    const verdict = result === undefined ? ERRORS[String(error?.data).slice(0, 10)] : "accepted";
    if (verdict === undefined) throw new Error(`not an answer: ${error?.message}`);
    verdicts[id] = verdict;
  }
  if (verdicts.filter(Boolean).length !== batch.length) throw new Error("the node left calls unanswered");
  return verdicts;
}
