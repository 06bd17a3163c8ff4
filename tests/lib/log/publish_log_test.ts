import assert from "node:assert/strict";
import { join } from "node:path";
import type { FileLayer } from "../../../lib/io/file_layer.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { publishLog } from "../../../lib/log/publish_log.ts";
import { openSigningLog, publishAt } from "../../_fakes/published_log.ts";
import { inTemporaryFolder } from "../../_fakes/temporary_folder.ts";

Deno.test("publishLog() goes on from what another process published while it waited", () =>
  inTemporaryFolder(async (folder) => {
    await using log = await openSigningLog(join(folder, "log"));
    await using other = await openSigningLog(join(folder, "log"));
    const target = join(folder, "public");
    await publishAt(log, target, 3);
    let isOvertaken = false;
    const files: FileLayer = {
      ...denoFiles,
      async lock(path, options) {
        if (!isOvertaken && path.startsWith(target)) {
          isOvertaken = true;
          await publishAt(other, target, 300);
        }
        return await denoFiles.lock(path, options);
      },
    };
    const head = await publishLog(log, target, { files });
    assert.deepEqual([isOvertaken, head?.size], [true, 300n]);
  }));
