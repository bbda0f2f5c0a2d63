import { parentPort, Worker } from 'node:worker_threads'
import type { Reach } from '../reach/index.ts'
import { Progress } from './terminal.ts'

/** What a worker is to do. */
export interface ShardWork {
  /** Which part, from 1. */
  readonly index: number
  /** Of how many. */
  readonly of: number
  /** Not 0: stop, and give what there is. */
  readonly stop: Int32Array
}

/** What a worker tells. */
type Told = { readonly done: number; readonly total: number } | { readonly reach: Reach }

/** Tells whoever started this worker how far it is, or what it found. @returns whether to go on */
export function tellWork({ stop }: ShardWork, told: Told): boolean {
  parentPort?.postMessage(told)
  return Atomics.load(stop, 0) === 0
}

/**
 * Lets workers answer a part each: the same command again, in threads of its own.
 * @param args - the command line
 * @returns the status of a worker that gave none, where one did
 */
export async function shardsByWorkers(jobs: number, args: readonly string[]): Promise<Reach[] | number> {
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const onInterrupt = (): void => {
    Atomics.store(stop, 0, 1)
  }
  process.once('SIGINT', onInterrupt)
  const progress = new Progress()
  const started = Date.now()
  const far = Array.from({ length: jobs }, () => ({ done: 0, total: 0 }))
  const tell = (): void => {
    const done = far.reduce((sum, one) => sum + one.done, 0)
    const total = far.reduce((sum, one) => sum + one.total, 0)
    const seconds = Math.ceil((((Date.now() - started) / Math.max(done, 1)) * (total - done)) / 1000)
    progress.step(`${done} of ${total} pairs of classes, ${jobs} jobs${done === 0 ? '' : `, ${seconds} s left`}`)
  }
  try {
    const all = await Promise.all(
      far.map((own, i) =>
        shardBy({ index: i + 1, of: jobs, stop }, args, (done, total) => {
          own.done = done
          own.total = total
          tell()
        }),
      ),
    )
    const failed = all.find((one) => typeof one === 'number')
    return failed ?? all.filter((one) => typeof one !== 'number')
  } finally {
    progress.done()
    process.removeListener('SIGINT', onInterrupt)
  }
}

function shardBy(
  work: ShardWork,
  args: readonly string[],
  far: (done: number, total: number) => void,
): Promise<Reach | number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(process.argv[1] as string, { argv: [...args], workerData: work })
    let found: Reach | undefined
    worker.on('message', (told: Told) => {
      if ('reach' in told) found = told.reach
      else far(told.done, told.total)
    })
    worker.on('error', reject)
    worker.on('exit', (code) => {
      resolve(found ?? code)
    })
  })
}
