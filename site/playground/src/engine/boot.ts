// The engine is the largest part of the page, so it is sent for first: this is an entry of its own, a few lines that are there long
// before the rest of the page.

const begin = (): Worker => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })

let early: Worker | null = begin()

/** A worker with an engine: the one that was sent for as the page came, and after that a new one each time. */
export function newWorker(): Worker {
  const worker = early ?? begin()
  early = null
  return worker
}
