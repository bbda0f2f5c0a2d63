// The engine is the largest part of the page, so a line of the built page itself sends for it (`vite.config.ts`).

declare global {
  /** The worker that was sent for as the page came. */
  var packetwalkEngine: Worker | undefined
}

/** A worker with an engine: the one that was sent for as the page came, and after that a new one each time. */
export function newWorker(): Worker {
  const early = globalThis.packetwalkEngine
  globalThis.packetwalkEngine = undefined
  return early ?? new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
}
