/**
 * What `run` gives; or, as soon as the signal aborts, nothing of it: for what does not always heed a signal.
 *
 * @throws the signal's reason when that aborts, otherwise what `run` throws
 */
export async function untilAborted<T>(run: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await run();
  signal.throwIfAborted();
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([run(), stopped.promise]);
  } catch (error) {
    // What it threw as it was stopped says less than why.
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
