import type { Network, Wire, WireEnd } from '../model/index.ts'

/** Which wire ends where. Kept up to date by comparing lists of wires by reference, so an edit costs what it changed. */
export class WireIndex {
  private wires: readonly Wire[] = []
  private readonly byNetns = new Map<string, Wire[]>()

  /** Takes another list of wires. @returns the namespaces at whose ends something changed */
  update(wires: readonly Wire[]): ReadonlySet<string> {
    const touched = new Set<string>()
    const before = this.wires
    if (wires === before) return touched
    const most = Math.min(before.length, wires.length)
    let head = 0
    while (head < most && before[head] === wires[head]) head++
    let tail = 0
    while (tail < most - head && before[before.length - 1 - tail] === wires[wires.length - 1 - tail]) tail++
    for (let i = head; i < before.length - tail; i++) this.remove(before[i] as Wire, touched)
    for (let i = head; i < wires.length - tail; i++) this.add(wires[i] as Wire, touched)
    this.wires = wires
    return touched
  }

  private add(wire: Wire, touched: Set<string>): void {
    for (const { netns } of wire.ends) {
      touched.add(netns)
      const known = this.byNetns.get(netns)
      if (known === undefined) this.byNetns.set(netns, [wire])
      else if (!known.includes(wire)) known.push(wire)
    }
  }

  private remove(wire: Wire, touched: Set<string>): void {
    for (const { netns } of wire.ends) {
      touched.add(netns)
      const left = this.byNetns.get(netns)?.filter((other) => other !== wire) ?? []
      if (left.length === 0) this.byNetns.delete(netns)
      else this.byNetns.set(netns, left)
    }
  }

  /** The other end of an interface's wire, or undefined. */
  otherEnd(netns: string, dev: string): WireEnd | undefined {
    for (const { ends } of this.byNetns.get(netns) ?? []) {
      const [a, b] = ends
      if (a.netns === netns && a.dev === dev) return b
      if (b.netns === netns && b.dev === dev) return a
    }
    return undefined
  }

  /** Namespaces joined to this one by a wire. */
  neighbours(netns: string): string[] {
    const out: string[] = []
    for (const { ends } of this.byNetns.get(netns) ?? [])
      for (const end of ends) if (end.netns !== netns) out.push(end.netns)
    return out
  }
}

/**
 * Whether an interface has carrier, read from the model alone: a wired one when both ends are up, a bridge when one of its
 * ports is up with carrier, any other as the model says. A wire whose other end is not in the model carries.
 *
 * @linux net/bridge/br_stp_if.c br_stp_enable_port
 * @linux drivers/net/veth.c veth_open
 */
export function hasCarrier(network: Network, wires: WireIndex, netns: string, name: string): boolean {
  const dev = network.namespaces[netns]?.interfaces[name]
  if (dev === undefined || !dev.up) return false
  if (dev.kind === 'bridge') {
    const ports = Object.values(network.namespaces[netns]?.interfaces ?? {}).filter((port) => port.master === name)
    return ports.some((port) => isForwardingPort(port.port?.state) && hasCarrier(network, wires, netns, port.name))
  }
  if (dev.kind !== 'veth' && dev.kind !== 'ethernet') return dev.carrier
  const other = wires.otherEnd(netns, name)
  if (other === undefined) return dev.carrier
  return network.namespaces[other.netns]?.interfaces[other.dev]?.up ?? dev.carrier
}

function isForwardingPort(state: string | undefined): boolean {
  return state === undefined || state === 'forwarding'
}
