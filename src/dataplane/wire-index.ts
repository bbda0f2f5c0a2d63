import { type Cable, type CableEnd, type CablesOf, cablesIn, keptIn } from '../model/index.ts'

/** Which wire ends where. Kept up to date by comparing lists of wires by reference, so an edit costs what it changed. */
export class WireIndex {
  private wires: readonly Cable[]
  private readonly first: CablesOf
  /** Those of namespaces whose wires are others than they were at first. */
  private readonly changed = new Map<string, Cable[]>()
  private readonly byDev = new Map<string, ReadonlyMap<string, CableEnd>>()

  constructor(wires: readonly Cable[]) {
    this.wires = wires
    this.first = cablesIn(wires)
  }

  /** Takes another list of wires. @returns the namespaces at whose ends something changed */
  update(wires: readonly Cable[]): ReadonlySet<string> {
    const touched = new Set<string>()
    const before = this.wires
    if (wires === before) return touched
    this.wires = wires
    const most = Math.min(before.length, wires.length)
    let head = 0
    while (head < most && before[head] === wires[head]) head++
    let tail = 0
    while (tail < most - head && before[before.length - 1 - tail] === wires[wires.length - 1 - tail]) tail++
    for (const wire of before.slice(head, before.length - tail)) {
      this.change(wire, touched, (own) => own.splice(own.indexOf(wire), 1))
    }
    for (const wire of wires.slice(head, wires.length - tail)) this.change(wire, touched, (own) => own.push(wire))
    for (const name of touched) this.byDev.delete(name)
    return touched
  }

  private change(wire: Cable, touched: Set<string>, change: (own: Cable[]) => void): void {
    for (const netns of new Set(wire.ends.map((end) => end.netns))) {
      touched.add(netns)
      change(keptIn(this.changed, netns, () => [...this.first(netns)]))
    }
  }

  /** The namespaces at the other ends of a namespace's wires. */
  neighboursOf(netns: string): ReadonlySet<string> {
    return new Set(this.of(netns).flatMap(({ ends }) => ends.map((end) => end.netns)))
  }

  private of(netns: string): readonly Cable[] {
    return this.changed.get(netns) ?? this.first(netns)
  }

  /** The other end of an interface's wire, or undefined. */
  otherEnd(netns: string, dev: string): CableEnd | undefined {
    let ends = this.byDev.get(netns)
    if (ends === undefined) {
      ends = this.endsOf(netns)
      this.byDev.set(netns, ends)
    }
    return ends.get(dev)
  }

  private endsOf(netns: string): ReadonlyMap<string, CableEnd> {
    const ends = new Map<string, CableEnd>()
    for (const { ends: both } of this.of(netns)) {
      const [a, b] = both
      if (a.netns === netns && !ends.has(a.dev)) ends.set(a.dev, b)
      if (b.netns === netns && !ends.has(b.dev)) ends.set(b.dev, a)
    }
    return ends
  }
}
