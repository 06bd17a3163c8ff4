/** An answer that does not come until it is disposed of, so that a server can be shut down. */
export interface Silence extends Disposable {
  readonly answer: () => Promise<Response>;
}

export function silence(): Silence {
  const { promise, resolve } = Promise.withResolvers<Response>();
  return { answer: () => promise, [Symbol.dispose]: () => resolve(new Response()) };
}
