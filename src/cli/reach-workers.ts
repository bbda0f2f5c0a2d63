import { parentPort, Worker } from 'node:worker_threads'
import type { Reach } from '../reach/index.ts'
import type { Interrupt } from './interrupt.ts'
import { Progress } from './terminal.ts'

/** What a worker is to do. */
export interface ShardWork {
  /** Which part, from 1. */
  readonly index: number
  /** Of how many. */
  readonly of: number
  /** Not 0: stop, and give what there is. */
  readonly stop: Int32Array
  /** Whether what there is to say of the input has been said. */
  readonly isQuiet: boolean
}

/** What a worker tells. */
type Told = { readonly done: number; readonly total: number } | { readonly reach: Reach }

/** Milliseconds between two words of a worker on how far it is. */
const PAUSE = 200

/** Tells whoever started this worker how far it is, now and then. @returns what says it, and whether to go on */
export function teller({ stop }: ShardWork): (done: number, total: number) => boolean {
  let last = 0
  return (done, total) => {
    const now = Date.now()
    if (now - last >= PAUSE) {
      last = now
      parentPort?.postMessage({ done, total } satisfies Told)
    }
    return Atomics.load(stop, 0) === 0
  }
}

/** Gives whoever started this worker what it found. */
export function tellFound(reach: Reach): void {
  parentPort?.postMessage({ reach } satisfies Told)
}

/** How the work is shared. */
interface Sharing {
  /** How many workers. */
  readonly jobs: number
  /** The command line. */
  readonly args: readonly string[]
  /** Whether what there is to say of the input has been said. */
  readonly isQuiet: boolean
  /** What stops it. */
  readonly interrupt: Interrupt
}

/**
 * Lets workers answer a part each: the same command again, in threads of its own.
 * @returns the status of a worker that gave none, where one did
 */
export async function shardsByWorkers({ jobs, args, isQuiet, interrupt }: Sharing): Promise<Reach[] | number> {
  const { flag: stop } = interrupt
  const progress = new Progress()
  const started = Date.now()
  const far = Array.from({ length: jobs }, () => ({ done: 0, total: 0 }))
  const tell = (): void => {
    const done = far.reduce((sum, one) => sum + one.done, 0)
    const total = far.reduce((sum, one) => sum + one.total, 0)
    progress.step(`${done} of ${total} pairs of classes, ${jobs} jobs${left(started, done, total)}`)
  }
  try {
    const all = await Promise.all(
      far.map((own, i) =>
        shardBy({ index: i + 1, of: jobs, stop, isQuiet: isQuiet || i > 0 }, args, (done, total) => {
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
  }
}

/** How long it will take, by how long it took so far. */
export function left(started: number, done: number, total: number): string {
  const seconds = (((Date.now() - started) / Math.max(done, 1)) * (total - done)) / 1000
  return done === 0 ? '' : `, ${Math.ceil(seconds)} s left`
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
