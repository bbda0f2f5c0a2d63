// What happened in a simulation, and what is left of it, as texts.
import type { NetNs, Recorder, Simulation } from '../../src/dataplane/index.ts'
import type { Lookup, RuleHit } from '../../src/model/index.ts'
import { toHex } from '../../src/wire/index.ts'

/** Routes and rules stand in a text once: from then on by their number. */
class Numbers {
  private readonly known = new Map<object, number>()

  textOf(what: object | undefined): unknown {
    if (what === undefined) return undefined
    const number = this.known.get(what)
    if (number !== undefined) return `#${number}`
    this.known.set(what, this.known.size)
    return what
  }
}

function lookupOf(lookup: Lookup, numbers: Numbers): unknown {
  const { result, dst, src, rulePriority, table, route, via, dev, candidates } = lookup
  const lost = candidates.map((one) => ({ ...one, route: numbers.textOf(one.route) }))
  return { result, dst, src, rulePriority, table, route: numbers.textOf(route), via, dev, candidates: lost }
}

const hitOf = ({ rule, ...hit }: RuleHit, numbers: Numbers): unknown => ({ ...hit, rule: numbers.textOf(rule) })

/** Every event of a recording with all its fields, one a line. Of a network, only that there is another one. */
export function recordText(recorder: Recorder): string {
  const numbers = new Numbers()
  const lines: string[] = []
  for (let i = 0; i < recorder.length; i++) {
    const event: Record<string, unknown> = { ...recorder.eventAt(i) }
    if (event['lookup'] !== undefined) event['lookup'] = lookupOf(event['lookup'] as Lookup, numbers)
    if (event['hit'] !== undefined) event['hit'] = hitOf(event['hit'] as RuleHit, numbers)
    if (event['bytes'] instanceof Uint8Array) event['bytes'] = toHex(event['bytes'])
    if (event['network'] !== undefined) event['network'] = true
    lines.push(JSON.stringify(event))
  }
  return `${lines.join('\n')}\n`
}

function namespaceText(ns: NetNs): string {
  const counted = ns.nf === null ? [] : [...ns.nf.counters('inet'), ...ns.nf.counters('inet6')]
  const sockets = [...ns.sockets.tcp.values()].map((sock) => [sock.sport, sock.dport, sock.state, sock.err])
  const rows: [string, unknown][] = [
    ['neighbours', ns.neigh.dump()],
    ['connections', ns.nf?.conntrack()],
    ['counters', counted.filter(({ packets }) => packets > 0).map(({ rule, ...row }) => row)],
    ['exceptions', [...ns.cache4.dump(), ...(ns.ip6?.cache.dump() ?? [])]],
    ['fragments', [ns.frags4.size, ns.ip6?.frags.size]],
    [
      'learned',
      ns.devices.flatMap(
        ({ bridge }) => bridge?.fdb.learned().map(({ mac, port, age }) => [mac, port.name, age]) ?? [],
      ),
    ],
    [
      'devices',
      ns.devices.map((dev) => [
        dev.name,
        dev.rxPackets,
        dev.rxBytes,
        dev.txPackets,
        dev.txBytes,
        dev.rxDropped,
        dev.txDropped,
      ]),
    ],
    ['sockets', [sockets, [...ns.sockets.udp.keys()], [...ns.sockets.listeners.keys()], ns.sockets.raw.length]],
  ]
  return rows.map(([name, value]) => `${ns.name} ${name} ${JSON.stringify(value)}\n`).join('')
}

/** What packets have left behind in every namespace that was looked at. */
export function stateText(sim: Simulation): string {
  const { now, pending } = sim.clock
  return `${sim.compiledNamespaces().map(namespaceText).join('')}${now} ${pending} ${sim.queued}\n`
}
