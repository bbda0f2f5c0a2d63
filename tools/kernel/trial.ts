// What is tried in the kernel: networks made real side by side, and packets sent through them one after the other.
import type { Network } from '../../src/model/index.ts'
import { type RealNames, realNames, setupJob } from './setup.ts'
import { World } from './world.ts'

/** Seconds to wait for a packet: one that should arrive, one of which nobody knows, one that should not. The kernel has done with it when it was sent. */
export const WAIT = { arrives: 5, unknown: 0.01, dropped: 0.003 }

/** A network, and what to compare in it. */
export interface Trial {
  readonly network: Network
  readonly nodes: readonly string[]
  /** How many packets are sent. */
  readonly packets: number
  /** What the kernel does otherwise. */
  readonly judge: (world: World, names: RealNames) => Promise<readonly unknown[]>
}

/** How many networks are there at once: links carry a second after they are made, all at the same time. */
const AT_ONCE = 16

/** What was found. */
export interface Result {
  readonly id: string
  readonly packets: number
  readonly faults: readonly unknown[]
}

/** Tries all, in worlds side by side. */
export async function tried(
  makers: ReadonlyMap<string, () => Trial>,
  worlds: number,
  tell: (result: Result) => void,
): Promise<void> {
  const waiting = [...makers]
  const work = async (number: number): Promise<void> => {
    const world = new World()
    for (let some = waiting.splice(0, AT_ONCE); some.length > 0; some = waiting.splice(0, AT_ONCE))
      for (const result of await together(world, new Map(some), `pw-k${number}`)) tell(result)
    world.end()
  }
  await Promise.all(Array.from({ length: worlds }, (_, i) => work(i)))
}

/** Makes some networks real at once, and judges one after the other. */
async function together(world: World, makers: ReadonlyMap<string, () => Trial>, prefix: string): Promise<Result[]> {
  const trials: (Trial & { readonly id: string; readonly names: RealNames })[] = []
  const results: Result[] = []
  for (const [id, make] of makers) {
    try {
      const trial = make()
      trials.push({ ...trial, id, names: realNames(trial.network, `${prefix}-${trials.length}`) })
    } catch (error) {
      results.push({ id, packets: 0, faults: [String(error)] })
    }
  }
  const errors = await world.setup(setupJob(trials))
  if (errors[''] !== undefined) results.push({ id: [...makers.keys()].join(' '), packets: 0, faults: errors[''] })
  for (const { id, packets, names, judge } of trials) {
    const faults: unknown[] = [...names.values()].flatMap((name) => errors[name] ?? [])
    try {
      faults.push(...(await judge(world, names)))
    } catch (error) {
      faults.push(String(error))
    }
    results.push({ id, packets, faults })
  }
  await world.clear()
  return results
}
