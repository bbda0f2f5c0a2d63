import type { Cable, CableEnd } from '../model/index.ts'

/** Which wire ends where. Kept up to date by comparing lists of wires by reference, so an edit costs what it changed. */
export class WireIndex {
  private wires: readonly Cable[]
  /** Most namespaces have one wire: it is stored without a list. */
  private readonly byNetns = new Map<string, Cable | Cable[]>()
  private readonly byDev = new Map<string, ReadonlyMap<string, CableEnd>>()

  constructor(wires: readonly Cable[]) {
    this.wires = wires
    for (const wire of wires) this.add(wire)
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
    for (const wire of before.slice(head, before.length - tail)) this.remove(wire, touched)
    for (const wire of wires.slice(head, wires.length - tail)) {
      this.add(wire)
      for (const { netns } of wire.ends) touched.add(netns)
    }
    for (const name of touched) this.byDev.delete(name)
    return touched
  }

  private add(wire: Cable): void {
    const [a, b] = wire.ends
    this.addEnd(wire, a.netns)
    if (b.netns !== a.netns) this.addEnd(wire, b.netns)
  }

  private addEnd(wire: Cable, netns: string): void {
    const known = this.byNetns.get(netns)
    if (known === undefined) this.byNetns.set(netns, wire)
    else if (Array.isArray(known)) known.push(wire)
    else this.byNetns.set(netns, [known, wire])
  }

  private remove(wire: Cable, touched: Set<string>): void {
    for (const { netns } of wire.ends) {
      touched.add(netns)
      this.byNetns.set(
        netns,
        this.of(netns).filter((other) => other !== wire),
      )
    }
  }

  /** The namespaces at the other ends of a namespace's wires. */
  neighboursOf(netns: string): ReadonlySet<string> {
    return new Set(this.of(netns).flatMap(({ ends }) => ends.map((end) => end.netns)))
  }

  private of(netns: string): readonly Cable[] {
    const known = this.byNetns.get(netns)
    if (known === undefined) return []
    return Array.isArray(known) ? known : [known]
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
