import assert from "node:assert/strict";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import {
  type KeyRotation,
  type KeyRotations,
  readKeyRotations,
  ROTATION_FILE,
  ROTATION_STEPS,
  writeKeyRotations,
} from "../../../lib/runtime/key_rotation_file.ts";
import { createRotationGuard, requireKeyInForce } from "../../../lib/runtime/key_rotation_guard.ts";
import { inTemporaryFolder } from "../../_fakes/temporary_folder.ts";

const OLD = { address: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", source: "env:OLD" } as const;
const NEW = { address: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8", source: "env:NEW" } as const;
const STRANGER = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
const AT = "2026-01-31T12:00:00.000Z";
const ROTATION: KeyRotation = {
  from: OLD,
  to: NEW,
  chainId: 31337,
  isSweeping: false,
  isAnchoring: true,
  startedAt: AT,
  step: "drain",
};

Deno.test("createRotationGuard() lets each key do what its turn is, at every step", async () => {
  await inTemporaryFolder(async (home) => {
    const mayDo = async (rotation?: string) => {
      const guard = createRotationGuard(home, { ...(rotation && { rotation }) });
      const ask = async (account: `0x${string}`, isNew: boolean) => {
        try {
          await guard(account, { action: "anchor", isNew });
          return true;
        } catch (error) {
          assert.equal((error as Error).name, "KeyNotInForceError");
          return false;
        }
      };
      return {
        old: [await ask(OLD.address, true), await ask(OLD.address, false)],
        new: [await ask(NEW.address, true), await ask(NEW.address, false)],
        stranger: [await ask(STRANGER, true), await ask(STRANGER, false)],
      };
    };
    const yes = [true, true];
    const no = [false, false];
    assert.deepEqual(await mayDo(), { old: yes, new: yes, stranger: yes });
    for (const step of ROTATION_STEPS.slice(0, 4)) {
      await writeKeyRotations(home, { current: { ...ROTATION, step }, retired: [] }, denoFiles);
      // What the old one sent before may be helped along.
      assert.deepEqual(await mayDo(), { old: [false, true], new: no, stranger: yes }, step);
      assert.deepEqual(await mayDo(AT), { old: yes, new: yes, stranger: yes }, step);
      assert.deepEqual((await mayDo("2025-01-31T12:00:00.000Z")).old, [false, true], step);
    }
    const retired = [{ ...OLD, retiredAt: AT, successor: NEW }];
    for (const step of ROTATION_STEPS.slice(4)) {
      await writeKeyRotations(home, { current: { ...ROTATION, step, switchedAt: AT }, retired }, denoFiles);
      assert.deepEqual(await mayDo(), { old: no, new: yes, stranger: yes }, step);
      assert.deepEqual((await mayDo(AT)).old, yes, step);
    }
    await writeKeyRotations(home, { retired }, denoFiles);
    assert.deepEqual(await mayDo(), { old: no, new: yes, stranger: yes });
    assert.deepEqual((await mayDo(AT)).old, no);
    await assert.rejects(requireKeyInForce(home, OLD.address.toLowerCase()), {
      message: "Cannot sign as this signing key was retired",
      facts: [`account: ${OLD.address}`, `retired: ${AT}`, `in its place: ${NEW.address} (env:NEW)`],
      exitCode: 2,
    });
  });
});

Deno.test("readKeyRotations() reads what was written, and takes damage for no permission", async () => {
  await inTemporaryFolder(async (home) => {
    assert.deepEqual(await readKeyRotations(home, denoFiles), { retired: [] });
    const rotations: KeyRotations = {
      current: { ...ROTATION, contract: STRANGER, step: "offer" },
      retired: [{ ...OLD, retiredAt: AT, successor: NEW }],
    };
    await writeKeyRotations(home, rotations, denoFiles);
    assert.deepEqual(await readKeyRotations(home, denoFiles), rotations);
    const path = `${home}/${ROTATION_FILE}`;
    if (Deno.build.os !== "windows") assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
    const text = await Deno.readTextFile(path);
    const damaged = [
      "",
      "{}",
      text.slice(0, -10),
      text.replace("pot-key-rotation/1", "pot-key-rotation/2"),
      text.replace('"offer"', '"later"'),
      text.replace(OLD.address, "0x12"),
      text.replace(AT, "yesterday"),
      text.replace(/"retired": \[[^]*\]/, '"retired": {}'),
    ];
    for (const content of damaged) {
      await Deno.writeTextFile(path, content);
      await assert.rejects(createRotationGuard(home)(OLD.address, { action: "anchor", isNew: true }), {
        message: "Cannot tell which signing key is in force as the record of rotations is damaged",
      });
    }
  });
});
