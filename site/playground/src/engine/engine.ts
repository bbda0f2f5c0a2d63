// The page's end of the wire to its engine: one job at a time, answers in order, a job nobody waits for any more is not begun.
import type { Issue } from 'packetwalk'
import { newWorker } from './boot.ts'
import type { Job, Reply, Request, Results } from './protocol.ts'

/** The user's input is wrong. */
export class WrongInput extends Error {
  /** Every fault, with its place. */
  readonly issues: readonly Issue[]

  constructor(message: string, issues: readonly Issue[]) {
    super(message)
    this.issues = issues
  }
}

/** The engine was stopped, or the job was. */
export class Cancelled extends Error {}

/** Who waits for a job. */
interface Waiting {
  readonly request: Request
  readonly done: (reply: Reply) => void
}

/** What an answer is waited for with. */
export interface Answer<T> {
  /** What comes of it. @throws WrongInput, Cancelled, or Error for a fault of packetwalk */
  readonly result: Promise<T>
  /** Nobody waits any more: a job that is not begun never is. */
  readonly cancel: () => void
}

/** The engine in its worker. */
export class Engine {
  private worker: Worker | null = null
  private last = 0
  private readonly queue: Waiting[] = []
  private running: Waiting | null = null
  private readonly watch: (isBusy: boolean) => void

  /** @param watch - told when it begins to work, and when it has nothing left to do */
  constructor(watch: (isBusy: boolean) => void) {
    this.watch = watch
    // It is on its way before anything is asked.
    this.started()
  }

  /** Asks for a job. */
  ask<K extends Job['kind']>(job: Extract<Job, { kind: K }>): Answer<Results[K]> {
    this.last += 1
    const request: Request = { id: this.last, job: job as Job }
    let cancel = (): void => {}
    const result = new Promise<Results[K]>((resolve, reject) => {
      const waiting: Waiting = {
        request,
        done: (reply) => {
          if (reply.kind === 'done') resolve(reply.result as Results[K])
          else if (reply.kind === 'input') reject(new WrongInput(reply.message, reply.issues))
          else reject(new Error(reply.message))
        },
      }
      cancel = () => {
        const at = this.queue.indexOf(waiting)
        if (at >= 0) this.queue.splice(at, 1)
        reject(new Cancelled())
      }
      this.queue.push(waiting)
      this.next()
    })
    return { result, cancel: () => cancel() }
  }

  /** Ends what it is at, whatever that is, and forgets what waits; the next job finds a new engine. */
  stop(): void {
    this.worker?.terminate()
    this.worker = null
    const left = [...(this.running === null ? [] : [this.running]), ...this.queue.splice(0)]
    this.running = null
    for (const { request, done } of left) done({ id: request.id, kind: 'fault', message: 'It was stopped.' })
    this.watch(false)
  }

  private next(): void {
    if (this.running !== null) return
    const waiting = this.queue.shift()
    this.watch(waiting !== undefined)
    if (waiting === undefined) return
    this.running = waiting
    this.started().postMessage(waiting.request)
  }

  private started(): Worker {
    if (this.worker !== null) return this.worker
    const worker = newWorker()
    worker.onmessage = ({ data }: MessageEvent<Reply>) => this.ended(data)
    worker.onerror = (event) => {
      event.preventDefault()
      const { running } = this
      this.worker = null
      if (running !== null)
        this.ended({
          id: running.request.id,
          kind: 'fault',
          message: event.message || 'The engine could not be loaded.',
        })
    }
    this.worker = worker
    return worker
  }

  private ended(reply: Reply): void {
    const { running } = this
    if (reply.worked !== undefined) performance.mark('packetwalk: first answer', { detail: reply.worked })
    if (running === null || reply.id !== running.request.id) return
    this.running = null
    running.done(reply)
    this.next()
  }
}
