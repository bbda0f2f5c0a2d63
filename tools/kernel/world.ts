// The helper that does what only the kernel can, and what it is asked.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A packet that came in somewhere. */
export interface Heard {
  /** Real namespace. */
  readonly at: string
  readonly source: string
  readonly destination: string
  /** The first four bytes behind the IP header, as hexadecimal: ports, or type and code. */
  readonly head: string
}

/** What became of a packet: where it arrived, and the first that came back to its sender. */
export interface Outcome {
  readonly error?: string
  readonly arrived?: Heard
  readonly answer?: Heard & { readonly protocol: number }
}

/** A packet to send, and where to listen. */
export interface ProbeJob {
  readonly from: string
  /** Namespaces in which it may arrive. */
  readonly to: readonly string[]
  /** Nodes, whose connections are forgotten before. */
  readonly nodes: readonly string[]
  readonly family: 4 | 6
  readonly protocol: number
  readonly source: string
  readonly target: string
  readonly payload: string
  readonly type: number | null
  /** Protocols of which an answer is waited for. */
  readonly answers: readonly number[]
  /** Seconds to wait. */
  readonly wait: number
  readonly before: readonly (readonly [netns: string, argv: readonly string[]])[]
  readonly after: readonly (readonly [netns: string, argv: readonly string[]])[]
  readonly seeds: readonly (readonly [netns: string, connection: object])[]
}

/** Namespaces to make, each with what is in it. */
export interface SetupJob {
  readonly names: readonly string[]
  readonly wires: readonly string[]
  /** Those with a bridge. */
  readonly bridges: readonly string[]
  readonly sysctls: Readonly<Record<string, readonly (readonly [string, string])[]>>
  readonly late: Readonly<Record<string, readonly (readonly [string, string])[]>>
  readonly batches: Readonly<Record<string, string>>
  readonly restore: Readonly<Record<string, readonly (readonly [argv: readonly string[], text: string])[]>>
}

/** Whose counters are read; without a table those of all. */
export interface CountersOf {
  readonly name: string
  readonly family: 4 | 6
  readonly table?: string
}

/** A child with namespaces of its own. */
export class World {
  private readonly child: ChildProcess
  private readonly lines: AsyncIterator<string>

  constructor() {
    const script = fileURLToPath(new URL('world.py', import.meta.url))
    this.child = spawn('python3', [script], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]()
  }

  /** Makes namespaces and waits until their links carry; complaints by namespace, '' for those about all. */
  async setup(job: SetupJob): Promise<Readonly<Record<string, readonly string[]>>> {
    const { errors } = (await this.ask({ op: 'setup', ...job })) as { errors: Record<string, string[]> }
    return errors
  }

  /** Sends a packet. */
  async probe(job: ProbeJob): Promise<Outcome> {
    return (await this.ask({ op: 'probe', ...job })) as Outcome
  }

  /** The rules of namespaces with their counters, in the words of the kernel. */
  async counters(asked: readonly CountersOf[], wait: number): Promise<readonly string[]> {
    return ((await this.ask({ op: 'counters', asked, wait })) as { texts: string[] }).texts
  }

  /** Removes all namespaces. */
  async clear(): Promise<void> {
    await this.ask({ op: 'clear' })
  }

  end(): void {
    this.child.stdin?.end()
  }

  private async ask(job: object): Promise<unknown> {
    this.child.stdin?.write(`${JSON.stringify(job)}\n`)
    const { value, done } = await this.lines.next()
    if (done === true) throw new Error('world.py ended')
    return JSON.parse(value)
  }
}
