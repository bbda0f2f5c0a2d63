import { checkNetwork } from './argument.ts'
import type { Issue, IssueKind } from './issue.ts'
import type { Namespace } from './namespace.ts'
import type { NetworkData } from './network.ts'
import { segmentsOf } from './segments.ts'
import { checkFirewall } from './validate-firewall.ts'
import { checkInterfaces } from './validate-interface.ts'

/** Writes an issue about a part of a network. */
export type Report = (kind: IssueKind, path: readonly (string | number)[], expected: string, received: string) => void

/**
 * Everything in a network that refers to nothing, contradicts itself, or could not be set up in a real kernel. An empty
 * list means the engine can run it. Reported are broken references (devices, masters, wires, shared tables, chains, sets),
 * doubled names, indices, addresses and MACs on one segment, and values out of range. A rule to a table without routes
 * and a neighbour without a MAC are fine.
 */
export function validate(network: NetworkData): Issue[] {
  checkNetwork(network)
  const issues: Issue[] = []
  for (const [name, ns] of Object.entries(network.namespaces)) {
    const report = reporter(issues, name)
    if (ns.name !== name) report('invalid', ['name'], `the key it is filed under, ${name}`, ns.name)
    if (name === '') report('invalid', ['name'], 'a name', 'nothing')
    checkInterfaces(ns, report)
    checkReferences(network, ns, report)
    checkFirewall(ns, report)
  }
  checkWires(network, issues)
  checkSegments(network, issues)
  checkSharedTables(network, issues)
  return issues
}

function reporter(issues: Issue[], netns?: string): Report {
  const start = netns === undefined ? [] : ['namespaces', netns]
  return (kind, path, expected, received) =>
    void issues.push({
      kind,
      file: '',
      ...(netns === undefined ? {} : { object: `Namespace/${netns}` }),
      path: [...start, ...path],
      expected,
      received,
    })
}

function checkReferences(network: NetworkData, ns: Namespace, report: Report): void {
  const needs = (dev: string | undefined, path: readonly (string | number)[]): void => {
    if (dev !== undefined && ns.interfaces[dev] === undefined) {
      report('missing_reference', path, 'an interface of this namespace', dev)
    }
  }
  ns.routes.forEach((route, i) => {
    needs(route.dev, ['routes', i, 'dev'])
    route.nexthops?.forEach((hop, j) => {
      needs(hop.dev, ['routes', i, 'nexthops', j, 'dev'])
    })
    const hops = route.nexthops ?? [route]
    if (route.type === 'unicast' && hops.every((hop) => hop.dev === undefined)) {
      report('invalid', ['routes', i], 'a device or a next hop', `${route.dst} without either`)
    }
    for (const hop of hops) {
      const wrong = hop.via !== undefined && hop.via.includes(':') !== (route.family === 'inet6')
      if (wrong) report('unsupported', ['routes', i, 'via'], `a gateway of family ${route.family}`, hop.via!)
    }
    if (route.src !== undefined && route.src.includes(':') !== (route.family === 'inet6')) {
      report('invalid', ['routes', i, 'src'], `an address of family ${route.family}`, route.src)
    }
    if (route.dst.includes(':') !== (route.family === 'inet6')) {
      report('invalid', ['routes', i, 'dst'], `a prefix of family ${route.family}`, route.dst)
    }
    if (route.metric !== undefined && !inRange(route.metric, 0, 0xffffffff)) {
      report('invalid', ['routes', i, 'metric'], 'a number of 32 bits', String(route.metric))
    }
  })
  ns.rules.forEach((rule, i) => {
    if (!inRange(rule.priority, 0, 0xffffffff)) {
      report('invalid', ['rules', i, 'priority'], 'a number of 32 bits', String(rule.priority))
    }
    if (rule.action === 'goto' && (rule.goto === undefined || rule.goto <= rule.priority)) {
      report('invalid', ['rules', i, 'goto'], 'a priority behind the rule', String(rule.goto))
    }
  })
  ns.neighbours.forEach((entry, i) => {
    needs(entry.dev, ['neighbours', i, 'dev'])
  })
  ns.proxyNeighbours.forEach((entry, i) => {
    needs(entry.dev, ['proxyNeighbours', i, 'dev'])
  })
  ns.fdb.forEach((entry, i) => {
    needs(entry.dev, ['fdb', i, 'dev'])
    needs(entry.master, ['fdb', i, 'master'])
  })
  ns.shared?.forEach((use, i) => {
    needs(use.dev, ['shared', i, 'dev'])
    if (network.shared[use.table] === undefined) {
      report('missing_reference', ['shared', i, 'table'], 'a shared table of the network', use.table)
    }
  })
}

function inRange(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high
}

function checkWires(network: NetworkData, issues: Issue[]): void {
  const report = reporter(issues)
  const used = new Map<string, number>()
  network.wires.forEach((wire, i) => {
    wire.ends.forEach((end, j) => {
      const path = ['wires', i, 'ends', j]
      const link = network.namespaces[end.netns]?.interfaces[end.dev]
      const name = `${end.netns}/${end.dev}`
      if (network.namespaces[end.netns] === undefined) {
        report('missing_reference', path, 'a namespace of the network', end.netns)
      } else if (link === undefined) report('missing_reference', path, 'an interface of the namespace', name)
      else if (link.kind !== 'veth' && link.kind !== 'ethernet') {
        report('invalid', path, 'a veth or ethernet interface', `${name}, which is ${link.kind}`)
      }
      const other = used.get(name)
      if (other !== undefined)
        report('invalid', path, 'an interface on one wire only', `${name}, also on wire ${other}`)
      else used.set(name, i)
    })
  })
}

/** Two stations of a segment must not share an address or a MAC. */
function checkSegments(network: NetworkData, issues: Issue[]): void {
  const report = reporter(issues)
  for (const segment of segmentsOf(network)) {
    const owners = new Map<string, string>()
    for (const station of segment.stations) {
      const link = network.namespaces[station.netns]?.interfaces[station.dev]
      if (link === undefined) continue
      const name = `${station.netns}/${station.dev}`
      const claims = new Set<string>(link.addresses.map((address) => address.local))
      if (link.mac !== undefined) claims.add(link.mac)
      for (const claim of claims) {
        const other = owners.get(claim)
        if (other === undefined) owners.set(claim, name)
        else {
          const what = claim === link.mac ? 'MAC' : 'IP'
          const path = ['namespaces', station.netns, 'interfaces', station.dev]
          report(
            'invalid',
            path,
            `each ${what} address once on segment ${segment.name}`,
            `${claim} on ${other} and ${name}`,
          )
        }
      }
    }
  }
}

function checkSharedTables(network: NetworkData, issues: Issue[]): void {
  const report = reporter(issues)
  for (const [name, table] of Object.entries(network.shared)) {
    table.entries.forEach((entry, i) => {
      if (network.namespaces[entry.owner] === undefined) {
        report('missing_reference', ['shared', name, 'entries', i, 'owner'], 'a namespace of the network', entry.owner)
      }
    })
  }
}
