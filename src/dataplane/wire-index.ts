import { type Cable, type CableEnd, type CablesOf, cablesIn } from '../model/index.ts'

/** The wires of a namespace that somebody asked for. */
interface Known {
  readonly wires: readonly Cable[]
  readonly ends: ReadonlyMap<string, CableEnd>
}

/** Which wire ends where. An edit costs what was asked for before, however many wires there are. */
export class WireIndex {
  private wires: readonly Cable[]
  private of: CablesOf
  private readonly known = new Map<string, Known>()

  constructor(wires: readonly Cable[]) {
    this.wires = wires
    this.of = cablesIn(wires)
  }

  /** Takes another list of wires. @returns those of the namespaces asked for at whose ends something changed */
  update(wires: readonly Cable[]): ReadonlySet<string> {
    const touched = new Set<string>()
    if (wires === this.wires) return touched
    this.wires = wires
    this.of = cablesIn(wires)
    for (const [netns, before] of this.known) {
      const own = this.of(netns)
      if (own.length === before.wires.length && own.every((wire, i) => wire === before.wires[i])) continue
      const ends = endsOf(netns, own)
      // Who is told that nothing is wired any more asks again before he knows anything, or is gone.
      if (own.length === 0) this.known.delete(netns)
      else this.known.set(netns, { wires: own, ends })
      if (!haveSameEnds(before.ends, ends)) touched.add(netns)
    }
    return touched
  }

  /** The other ends of a namespace's wires. */
  endsBeside(netns: string): readonly CableEnd[] {
    return this.of(netns).flatMap(({ ends: [a, b] }) => (a.netns === netns ? b : a))
  }

  /** The other end of an interface's wire, or undefined. */
  otherEnd(netns: string, dev: string): CableEnd | undefined {
    let known = this.known.get(netns)
    if (known === undefined) {
      const wires = this.of(netns)
      known = { wires, ends: endsOf(netns, wires) }
      this.known.set(netns, known)
    }
    return known.ends.get(dev)
  }
}

function endsOf(netns: string, wires: readonly Cable[]): ReadonlyMap<string, CableEnd> {
  const ends = new Map<string, CableEnd>()
  for (const { ends: both } of wires) {
    const [a, b] = both
    if (a.netns === netns && !ends.has(a.dev)) ends.set(a.dev, b)
    if (b.netns === netns && !ends.has(b.dev)) ends.set(b.dev, a)
  }
  return ends
}

function haveSameEnds(a: ReadonlyMap<string, CableEnd>, b: ReadonlyMap<string, CableEnd>): boolean {
  if (a.size !== b.size) return false
  for (const [dev, { netns, dev: other }] of a) {
    const end = b.get(dev)
    if (end?.netns !== netns || end.dev !== other) return false
  }
  return true
}
