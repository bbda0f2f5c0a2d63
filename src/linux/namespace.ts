import type {
  Interface,
  IpSet,
  Issue,
  Namespace,
  NetworkData,
  Role,
  Route,
  Ruleset,
  TableName,
} from '../model/index.ts'
import { ipAddrJson, parseAddresses } from './addr.ts'
import { conntrackList, parseConntrack } from './conntrack.ts'
import { bridgeFdbJson, parseFdb } from './fdb.ts'
import { ipsetSave, parseIpSets } from './ipset.ts'
import { iptablesSave, parseIptablesSave } from './iptables/save.ts'
import type { LeftOut } from './left-out.ts'
import { ipLinkJson, parseLinks } from './link.ts'
import { ipNeighJson, ipNeighProxyJson, parseNeighbours, parseProxyNeighbours } from './neigh.ts'
import { type Place, placeIn, report } from './place.ts'
import { ipRouteJson, parseRoutes } from './route.ts'
import { ipRuleJson, parseRules } from './rule.ts'
import { readSysctls, sysctlList } from './sysctl.ts'
import type { View } from './view.ts'
import { parseWireguard, wgShowDump } from './wg.ts'

/** A namespace read from a dump. */
export interface NamespaceDump {
  /** What the files say. */
  readonly namespace: Namespace
  /** Files that a complete dump of such a namespace has and this one has not. */
  readonly missing: readonly string[]
  /** Everything that could not be read or is not modelled; what it is about was left out. */
  readonly issues: readonly Issue[]
  /** Which routes, rules and interfaces those are. */
  readonly leftOut: readonly LeftOut[]
}

/** The files of a dump by name: `.json` parsed or as text, `.txt` as text. */
export type DumpFiles = Readonly<Record<string, unknown>>

/** A piece of a firewall that was written to several files, `iptables -t nat -S` and its like. */
export interface FirewallPart {
  /** The text. */
  readonly text: string
  /** The file it is in. */
  readonly file: string
  /** Table of `iptables -S`; absent: as its base chains say. */
  readonly table?: TableName
}

class Reader {
  readonly issues: Issue[] = []
  readonly leftOut: LeftOut[] = []
  private readonly name: string
  private readonly files: DumpFiles
  private readonly paths: Readonly<Record<string, string>>
  constructor(name: string, files: DumpFiles, paths: Readonly<Record<string, string>>) {
    this.name = name
    this.files = files
    this.paths = paths
  }

  has(file: string): boolean {
    return Object.hasOwn(this.files, file) && this.files[file] !== undefined
  }

  place(file: string): Place {
    return placeIn(this.paths[file] ?? `${this.name}/${file}`, this.issues, this.leftOut)
  }

  /** The parts of a firewall through the parser of one, joined by table. */
  rules(file: string, family: 'inet' | 'inet6'): Ruleset | undefined {
    const parts = this.files[file]
    if (!Array.isArray(parts)) return this.text(file, (text, place) => parseIptablesSave(text, place, family))
    const read = (parts as readonly FirewallPart[]).map((part) =>
      parseIptablesSave(part.text, placeIn(part.file, this.issues), family, part.table),
    )
    return { ...read[0], tables: Object.assign({}, ...read.map((one) => one.tables)) as Ruleset['tables'] }
  }

  /** A file through its parser, when it is there. */
  json<T>(file: string, parse: (content: unknown, place: Place) => T): T | undefined {
    return this.has(file) ? parse(this.files[file], this.place(file)) : undefined
  }

  text<T>(file: string, parse: (content: string, place: Place) => T): T | undefined {
    if (!this.has(file)) return undefined
    const content = this.files[file]
    if (typeof content === 'string') return parse(content, this.place(file))
    return report(this.place(file), 'invalid', 'text', content)
  }
}

/**
 * The files of one namespace as a {@link Namespace}. Reads `link.json`, `addr.json`, `route.json`, `route6.json`,
 * `rule.json`, `rule6.json`, `neigh.json`, `neigh-proxy.json`, `fdb.json`, `sysctl.txt`, `iptables.txt`,
 * `ip6tables.txt`, `ipset.txt`, `conntrack.txt` and `wg.txt`. Never throws: what is wrong is in `issues`.
 * @param paths - where the files really are, by those names; absent: in a folder of the namespace's name
 */
export function parseNamespaceDump(
  name: string,
  role: Role,
  files: DumpFiles,
  paths: Readonly<Record<string, string>> = {},
): NamespaceDump {
  const reader = new Reader(name, files, paths)
  const sysctls = reader.text('sysctl.txt', readSysctls)
  const interfaces = readInterfaces(reader)
  const namespace: Namespace = {
    name,
    role,
    interfaces: Object.fromEntries(interfaces.map((item): [string, Interface] => [item.name, item])),
    routes: readRoutes(reader),
    rules: [
      ...(reader.json('rule.json', (content, place) => parseRules(content, place, 'inet')) ?? []),
      ...(reader.json('rule6.json', (content, place) => parseRules(content, place, 'inet6')) ?? []),
    ],
    neighbours: reader.json('neigh.json', parseNeighbours) ?? [],
    proxyNeighbours: reader.json('neigh-proxy.json', parseProxyNeighbours) ?? [],
    fdb: reader.json('fdb.json', parseFdb) ?? [],
    sysctls: sysctls?.values ?? {},
    ...(sysctls === undefined ? {} : { sysctlOrigins: sysctls.origins }),
    ...readFirewall(reader),
    origin: { component: 'dump', file: name },
  }
  return { namespace, missing: missingFiles(reader, namespace), issues: reader.issues, leftOut: reader.leftOut }
}

function readInterfaces(reader: Reader): Interface[] {
  const own = reader.json('link.json', parseLinks) ?? []
  const links = own.length > 0 ? own : (reader.json('addr.json', parseLinks) ?? [])
  const addresses = reader.has('addr.json') ? reader.json('addr.json', parseAddresses) : undefined
  const wireguard = reader.text('wg.txt', parseWireguard)
  reader.leftOut.forEach((lost, i, all) => {
    if (lost.kind === 'link') all[i] = { ...lost, addresses: addresses?.get(lost.name) ?? [] }
  })
  return links.map((link) => {
    const wg = link.kind === 'wireguard' ? wireguard?.get(link.name) : undefined
    return { ...link, addresses: addresses?.get(link.name) ?? [], ...(wg === undefined ? {} : { wireguard: wg }) }
  })
}

/** `ip route show table all` prints both families; where `route6.json` exists, IPv6 is taken from it. */
function readRoutes(reader: Reader): Route[] {
  const routes = reader.json('route.json', (content, place) => parseRoutes(content, place)) ?? []
  const routes6 = reader.json('route6.json', (content, place) => parseRoutes(content, place, 'inet6'))
  return routes6 === undefined ? routes : [...routes.filter((route) => route.family === 'inet'), ...routes6]
}

type Firewall = Pick<Namespace, 'iptables' | 'ip6tables' | 'ipsets' | 'conntrack'>

function readFirewall(reader: Reader): Firewall {
  const iptables = reader.rules('iptables.txt', 'inet')
  const ip6tables = reader.rules('ip6tables.txt', 'inet6')
  const ipsets: Readonly<Record<string, IpSet>> | undefined = reader.text('ipset.txt', parseIpSets)
  const conntrack = reader.text('conntrack.txt', parseConntrack)
  return {
    ...(iptables === undefined ? {} : { iptables }),
    ...(ip6tables === undefined ? {} : { ip6tables }),
    ...(ipsets === undefined ? {} : { ipsets }),
    ...(conntrack === undefined || conntrack.length === 0 ? {} : { conntrack }),
  }
}

function missingFiles(reader: Reader, namespace: Namespace): string[] {
  const links = Object.values(namespace.interfaces)
  const wanted = ['link.json', 'addr.json', 'route.json', 'rule.json', 'neigh.json', 'sysctl.txt', 'iptables.txt']
  const speaks6 = links.some((link) => link.addresses.some((address) => address.family === 'inet6'))
  if (speaks6) wanted.push('rule6.json', 'ip6tables.txt')
  if (speaks6 && !namespace.routes.some((route) => route.family === 'inet6')) wanted.push('route6.json')
  if (links.some((link) => link.kind === 'bridge' || link.kind === 'vxlan')) wanted.push('fdb.json')
  if (links.some((link) => link.kind === 'wireguard')) wanted.push('wg.txt')
  if (usesSets(namespace)) wanted.push('ipset.txt')
  return wanted.filter((file) => !reader.has(file))
}

function usesSets(namespace: Namespace): boolean {
  return [namespace.iptables, namespace.ip6tables].some((ruleset) =>
    Object.values(ruleset?.tables ?? {}).some((table) =>
      Object.values(table.chains).some((chain) =>
        chain.rules.some((rule) => rule.matches.some((match) => match.kind === 'set')),
      ),
    ),
  )
}

/**
 * A namespace as the files `packetwalk collect` would gather in it: what `parseNamespaceDump` reads back. Files a tool
 * would have nothing to say in are left out. Counters are 0, secret keys hidden.
 */
export function printNamespaceDump(network: NetworkData, ns: Namespace): Record<string, unknown> {
  const view: View = { network, ns }
  const inet6 = [...ns.routes, ...ns.rules].some((item) => item.family === 'inet6')
  const files: [string, unknown][] = [
    ['link.json', ipLinkJson(view)],
    ['addr.json', ipAddrJson(view)],
    ['route.json', ipRouteJson(view, { table: 'all' })],
    ['rule.json', ipRuleJson(view, 'inet')],
    ...(inet6
      ? ([
          ['route6.json', ipRouteJson(view, { table: 'all', family: 'inet6' })],
          ['rule6.json', ipRuleJson(view, 'inet6')],
        ] as [string, unknown][])
      : []),
    ['neigh.json', ipNeighJson(view, { all: true })],
    ['neigh-proxy.json', ipNeighProxyJson(view)],
    ['fdb.json', bridgeFdbJson(view)],
    ['sysctl.txt', sysctlList(ns)],
    ['iptables.txt', iptablesSave(ns.iptables, { counters: () => [0, 0] })],
    ['ip6tables.txt', iptablesSave(ns.ip6tables, { family: 'inet6', counters: () => [0, 0] })],
    ['ipset.txt', ipsetSave(ns.ipsets)],
    ['conntrack.txt', conntrackList(ns.conntrack)],
    ['wg.txt', wgShowDump(ns)],
  ]
  return Object.fromEntries(files.filter(([, content]) => (content as { length: number }).length > 0))
}
