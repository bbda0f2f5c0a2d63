// The rules of nodes and their counters, in the kernel and in the simulation.
import type { Simulation } from '../../src/dataplane/index.ts'
import { iptablesSave } from '../../src/linux/index.ts'
import type { TableName } from '../../src/model/index.ts'
import type { RealNames } from './setup.ts'
import type { World } from './world.ts'

/** A rule that the kernel and the simulation count differently. */
export interface Miscounted {
  readonly node: string
  readonly family: 4 | 6
  readonly table: string
  readonly chain: string
  readonly index: number
  /** As the kernel prints it. */
  readonly rule: string
  readonly kernel: number
  readonly simulation: number
}

/** Seconds to wait before counters are read, one round after the other: packets may still be under way on a busy machine. */
const ROUNDS = [0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6]

/** Which rules are compared: with IPv4 all, with IPv6 those that packets of neighbour discovery and multicast do not meet. */
const isCounted = (family: 4 | 6, table: string, chain: string): boolean =>
  family === 4 || table === 'nat' || /^cali-p[io]-/.test(chain)

/** A network in the kernel and in a simulation. */
export interface Twins {
  readonly world: World
  readonly names: RealNames
  readonly simulation: Simulation
  readonly nodes: readonly string[]
}

/** Which rules are asked for. */
export interface Counted {
  readonly families: readonly (4 | 6)[]
  /** Absent = all tables. */
  readonly table?: string
  /** Absent = until nothing more is under way. */
  readonly rounds?: readonly number[]
}

/** Rules whose counters differ. */
export async function miscounted(twins: Twins, { families, table, rounds = ROUNDS }: Counted): Promise<Miscounted[]> {
  const { world, names, simulation, nodes } = twins
  const places = nodes.flatMap((node) => families.map((family) => ({ node, family, name: names.get(node)! })))
  const asked = places.map(({ name, family }) => ({ name, family, ...(table === undefined ? {} : { table }) }))
  let found: Miscounted[] = []
  for (const wait of rounds) {
    const texts = await world.counters(asked, wait)
    found = places.flatMap(({ node, family }, i) => compared(texts[i]!, simulation, node, family))
    if (found.length === 0) break
  }
  return found
}

/** A rule of a text that iptables-save printed. */
interface Printed {
  readonly table: string
  readonly chain: string
  readonly index: number
  readonly rule: string
  /** 0 where counters were not asked for. */
  readonly packets: number
}

function printedRules(text: string): Printed[] {
  const seen = new Map<string, number>()
  let table = ''
  return text.split('\n').flatMap((line): Printed[] => {
    if (line.startsWith('*')) table = line.slice(1)
    const [, packets = '0', chain, rule = ''] = /^(?:\[(\d+):\d+\] )?-A (\S+) (.*)/.exec(line) ?? []
    if (chain === undefined) return []
    const key = `${table} ${chain}`
    const index = seen.get(key) ?? 0
    seen.set(key, index + 1)
    return [{ table, chain, index, rule, packets: Number(packets) }]
  })
}

function compared(text: string, simulation: Simulation, node: string, family: 4 | 6): Miscounted[] {
  const { nf } = simulation.netns(node)
  if (nf === null) return []
  return printedRules(text).flatMap(({ table, chain, index, rule, packets }): Miscounted[] => {
    if (!isCounted(family, table, chain)) return []
    const [own] = nf.counter(family === 4 ? 'inet' : 'inet6', table as TableName, chain, index)
    return own === packets ? [] : [{ node, family, table, chain, index, rule, kernel: packets, simulation: own }]
  })
}

/** Rules that the kernel gives back otherwise than they were printed. */
export async function reworded({ world, names, simulation, nodes }: Twins): Promise<unknown[]> {
  const places = nodes.flatMap((node) => ([4, 6] as const).map((family) => ({ node, family, name: names.get(node)! })))
  const texts = await world.counters(places, 0)
  const inOrder = (text: string): string[] =>
    printedRules(text)
      .map(({ table, chain, index, rule }) => `${table} ${chain} ${String(index).padStart(4, '0')} ${rule}`)
      .sort()
  return places.flatMap(({ node, family }, i): unknown[] => {
    const { iptables, ip6tables } = simulation.network.namespaces[node]!
    const own = inOrder(family === 4 ? iptablesSave(iptables) : iptablesSave(ip6tables, { family: 'inet6' }))
    const kernel = inOrder(texts[i]!)
    const at = own.findIndex((line, j) => line !== kernel[j])
    if (at === -1 && own.length === kernel.length) return []
    const first = at === -1 ? own.length : at
    return [{ node, family, kernel: kernel[first], printed: own[first] }]
  })
}
