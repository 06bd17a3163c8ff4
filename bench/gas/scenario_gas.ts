import { proofOfTrainingAbi as abi, proofOfTrainingBytecode as bytecode } from "../../contracts/artifact.ts";
import type { TrainingRecord } from "../../lib/core/record.ts";
import { createRecordingPolicy, type RecordingPolicySpec } from "../../lib/core/recording_policy.ts";
import { publicMetadata } from "../../lib/recorder/store_each.ts";
import { type GasChain, sampleHash } from "./gas_chain.ts";

type Hex = `0x${string}`;

/** A training run: one training checkpoint an epoch, and validations spread over it. */
export interface Scenario {
  readonly checkpoints: number;
  readonly validations: number;
}

/** What a scenario costs each way. Recording locally costs none. */
export interface ScenarioGas {
  /** Every record by `storeHash`, and one anchor. */
  readonly oneByOne: bigint;
  /** One anchor for all. */
  readonly batched: bigint;
  /** As one by one, but of the training checkpoints only those that the policy asks for. */
  readonly conditional: bigint;
  /** How many records that leaves. */
  readonly conditionalRecords: number;
}

type Event = Pick<TrainingRecord, "schema" | "kind" | "runId" | "modelId" | "step" | "epoch">;

const STEPS_PER_EPOCH = 250;

/**
 * Sends what pot sends for each scenario. Calls with metadata of one length cost the same, so of those one is sent; the whole of
 * the first scenario is sent as well, and has to agree.
 */
export async function measureScenarios(
  chain: GasChain,
  scenarios: readonly Scenario[],
  policy: RecordingPolicySpec,
): Promise<readonly ScenarioGas[]> {
  const contract = await chain.deploy({ abi, bytecode }, [chain.accounts[0], `0x${"0".repeat(40)}`]);
  const root: Hex = `0x${sampleHash}`;
  // A submitter's first anchor, and the first record, cost more or less than all that follow: they are not a run's.
  await contract.send("anchor", [root, 1n]);
  await contract.send("storeHash", [sampleHash, ""]);

  const store = (event: Event) =>
    contract.gas("storeHash", [sampleHash, publicMetadata(event as TrainingRecord)]);
  const known = new Map<number, bigint>();
  const storeOnce = async (event: Event): Promise<bigint> => {
    const { length } = publicMetadata(event as TrainingRecord);
    const gas = known.get(length) ?? await store(event);
    known.set(length, gas);
    return gas;
  };
  const sum = async (events: readonly Event[], price: (event: Event) => Promise<bigint>) => {
    let total = 0n;
    for (const event of events) total += await price(event);
    return total;
  };

  const [first] = scenarios;
  if (first !== undefined) {
    const events = eventsOf(first);
    const [each, once] = [await sum(events, store), await sum(events, storeOnce)];
    if (each !== once) {
      throw new Error(`${events.length} records cost ${each} gas sent and ${once} summed up`);
    }
  }
  let size = 1n;
  const results: ScenarioGas[] = [];
  for (const scenario of scenarios) {
    const events = eventsOf(scenario);
    size += BigInt(events.length);
    const anchor = await contract.gas("anchor", [root, size]);
    const kept = keep(events, policy);
    results.push({
      oneByOne: await sum(events, storeOnce) + anchor,
      batched: anchor,
      conditional: await sum(kept, storeOnce) + anchor,
      conditionalRecords: kept.length,
    });
  }
  return results;
}

function eventsOf({ checkpoints, validations }: Scenario): readonly Event[] {
  const event = (kind: "checkpoint" | "validation", epoch: number): Event => ({
    schema: "pot-record/1",
    kind,
    runId: "resnet-50-2026-01-31",
    modelId: "resnet-50",
    step: epoch * STEPS_PER_EPOCH,
    epoch,
  });
  return [
    ...Array.from({ length: checkpoints }, (_, i) => event("checkpoint", i + 1)),
    ...Array.from(
      { length: validations },
      (_, i) => event("validation", Math.floor((i + 1) * checkpoints / validations)),
    ),
  ];
}

/** Every validation, and of the training checkpoints what the policy records. */
function keep(events: readonly Event[], spec: RecordingPolicySpec): readonly Event[] {
  const policy = createRecordingPolicy<Event>(spec);
  const kept = events.filter((event) => event.kind === "validation" || policy.decide(event).record);
  const last = policy.finish();
  return last === undefined ? kept : [...kept, last];
}
