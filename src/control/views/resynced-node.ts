import {
  type Interface,
  inKernelOrder,
  type Namespace,
  type Route,
  type Ruleset,
  rulesOf,
  tableId,
  writtenOut,
} from '../../model/index.ts'
import type { Family } from '../../wire/index.ts'
import { resyncedRuleset, resyncedSets } from '../felix/resync.ts'
import { proxyResyncedRuleset } from '../kube-proxy/resync.ts'
import { setFelixSysctls } from '../node-namespace.ts'
import { writtenRules } from '../underlay/machine.ts'
import { type NodePart, partOf } from './node-part.ts'
import { felixView, type NodeViews } from './node-views.ts'
import { routeKey } from './route-key.ts'
import { type Sharing, stateChanges } from './state-changes.ts'
import { neighbourKey } from './state-entries.ts'

/**
 * What is written again from time to time, each part at an interval of its own: Felix' devices, its routes, its policy rules with
 * neighbours and forwarding entries, its chains, its sets, and, when it starts alone, sysctls; BIRD's routes; kube-proxy's chains.
 */
export type ResyncPart =
  | 'felix-devices'
  | 'felix-routes'
  | 'felix-rules'
  | 'felix-iptables'
  | 'felix-ipsets'
  | 'felix-sysctls'
  | 'bird'
  | 'kube-proxy'

/** All of them, in the order in which they are asked at one moment. */
export const RESYNC_PARTS: readonly ResyncPart[] = [
  'felix-devices',
  'felix-sysctls',
  'felix-ipsets',
  'felix-routes',
  'felix-rules',
  'felix-iptables',
  'bird',
  'kube-proxy',
]

const TUNNELS: ReadonlySet<string> = new Set([
  'tunl0',
  'vxlan.calico',
  'vxlan-v6.calico',
  'wireguard.cali',
  'wg-v6.cali',
])

/** The table of WireGuard's routes: all that is there is Felix'. @calico felix/wireguard/wireguard.go */
const WIREGUARD_TABLE = '1'

/** A namespace as somebody left it, and as its programs would have it. */
interface Pair {
  readonly edited: Namespace
  readonly fresh: Namespace
}

function isThere({ edited }: Pair, { dev, nexthops = [] }: Route): boolean {
  return [dev, ...nexthops.map((hop) => hop.dev)].every(
    (one) => one === undefined || edited.interfaces[one]?.up === true,
  )
}

/**
 * Whether Felix takes a route for its own: those by devices of its own, whoever made them, and elsewhere those of its protocol.
 * @calico felix/routetable/ownershippol
 */
function isFelixs({ dev = '', protocol, table }: Route, { source }: NodePart): boolean {
  if (protocol === 'kernel' || tableId(table) === tableId('local')) return false
  const { settings } = source.facts
  const { node } = source
  if (table === WIREGUARD_TABLE && (node.felix.wireguard || node.felix.wireguardV6)) return true
  if (dev.startsWith(settings.interfacePrefix)) return true
  if (TUNNELS.has(dev) && (dev !== 'tunl0' || node.felix.ownsIpip)) return true
  return (
    protocol === '80' || (node.felix.deviceRouteProtocol !== 3 && protocol === String(node.felix.deviceRouteProtocol))
  )
}

/** Routes without those a program takes for its own, and with those it has. Of one key there is one. */
function routesAgain(pair: Pair, isOwn: (route: Route) => boolean, wins: boolean): readonly Route[] {
  const { edited, fresh } = pair
  const own = fresh.routes.filter((route) => isOwn(route) && isThere(pair, route))
  const others = edited.routes.filter((route) => !isOwn(route))
  const taken = new Set((wins ? own : others).map(routeKey))
  const left = (list: readonly Route[]): readonly Route[] => list.filter((route) => !taken.has(routeKey(route)))
  return inKernelOrder(wins ? [...left(others), ...own] : [...others, ...left(own)])
}

/** Devices of tunnels with their addresses, and what the kernel has for them. @calico felix/dataplane/linux/vxlan_mgr.go */
function devicesAgain({ edited, fresh }: Pair): Namespace {
  const own = Object.values(fresh.interfaces).filter(({ name }) => TUNNELS.has(name))
  const names = new Set(own.map(({ name }) => name))
  const taken = new Set(
    Object.values(edited.interfaces).flatMap(({ name, ifindex }) => (names.has(name) ? [] : [ifindex])),
  )
  const numbered = own.map((dev): Interface => {
    const before = edited.interfaces[dev.name]?.ifindex
    let ifindex = before ?? dev.ifindex
    while (taken.has(ifindex)) ifindex++
    taken.add(ifindex)
    return ifindex === dev.ifindex ? dev : { ...dev, ifindex }
  })
  const isKernels = ({ dev, protocol }: Route): boolean => protocol === 'kernel' && names.has(dev ?? '')
  return {
    ...edited,
    interfaces: { ...edited.interfaces, ...Object.fromEntries(numbered.map((dev) => [dev.name, dev])) },
    routes: inKernelOrder([...edited.routes.filter((one) => !isKernels(one)), ...fresh.routes.filter(isKernels)]),
  }
}

/** Policy rules of WireGuard, permanent neighbours of pods and of tunnels, forwarding entries of tunnels. @calico felix/vxlanfdb */
function rulesAgain({ edited, fresh }: Pair, { source }: NodePart): Namespace {
  const isVxlan = (dev: string | undefined): boolean => dev?.startsWith('vxlan') === true && TUNNELS.has(dev)
  const has = (dev: string): boolean => edited.interfaces[dev] !== undefined
  const wanted = fresh.neighbours.filter(
    ({ dev, state, origin }) => state === 'PERMANENT' && origin?.component === 'felix' && has(dev),
  )
  const keys = new Set(wanted.map(neighbourKey))
  const others = edited.neighbours.filter(
    (one) => !keys.has(neighbourKey(one)) && !(isVxlan(one.dev) && one.state === 'PERMANENT'),
  )
  const fdb = [
    ...edited.fdb.filter(({ dev }) => !isVxlan(dev)),
    ...fresh.fdb.filter(({ dev }) => isVxlan(dev) && has(dev)),
  ]
  const priority = source.node.felix.wireguardRulePriority
  const isOwn = (rule: Namespace['rules'][number]): boolean =>
    rule.priority === priority && rule.table === WIREGUARD_TABLE
  const all = (['inet', 'inet6'] as const).flatMap((family) => {
    const own = fresh.rules.filter((rule) => rule.family === family && isOwn(rule))
    return [...rulesOf(edited, family).filter((rule) => !isOwn(rule)), ...own].sort((a, b) => a.priority - b.priority)
  })
  return { ...edited, rules: writtenRules(all), neighbours: [...others, ...wanted], fdb }
}

function chainsAgain(
  { edited, fresh }: Pair,
  again: (family: Family, mine: Ruleset, wanted: Ruleset) => Ruleset,
): Namespace {
  const of = (mine: Ruleset | undefined, wanted: Ruleset | undefined, family: Family): Ruleset | undefined =>
    mine === undefined || wanted === undefined ? (wanted ?? mine) : again(family, mine, wanted)
  const iptables = of(edited.iptables, fresh.iptables, 4)
  const ip6tables = of(edited.ip6tables, fresh.ip6tables, 6)
  return {
    ...edited,
    ...(iptables === undefined ? {} : { iptables }),
    ...(ip6tables === undefined ? {} : { ip6tables }),
  }
}

/** Those of the machine, and of the ends of its pods. @calico felix/dataplane/linux/endpoint_mgr.go */
function sysctlsAgain({ edited, fresh }: Pair, { source }: NodePart): Namespace {
  const own: Record<string, string> = {}
  setFelixSysctls(own, source.node)
  const { interfacePrefix } = source.facts.settings
  const isOwn = (name: string): boolean =>
    Object.hasOwn(own, name) || name.split('.')[3]?.startsWith(interfacePrefix) === true
  const again = Object.entries(fresh.sysctls).filter(([name]) => isOwn(name))
  return { ...edited, sysctls: { ...edited.sysctls, ...Object.fromEntries(again) } }
}

function resyncedPair(part: ResyncPart, pair: Pair, node: NodePart): Namespace {
  const { edited, fresh } = pair
  switch (part) {
    case 'felix-devices':
      return devicesAgain(pair)
    case 'felix-routes':
      return { ...edited, routes: routesAgain(pair, (route) => isFelixs(route, node), true) }
    case 'felix-rules':
      return rulesAgain(pair, node)
    case 'felix-iptables': {
      const { facts, node: own, devices } = node.source
      return chainsAgain(pair, (family, mine, wanted) =>
        resyncedRuleset(mine, undefined, wanted, facts.felix.kernelRules(family, own, devices.tunnels)),
      )
    }
    case 'felix-ipsets':
      return { ...edited, ipsets: resyncedSets(edited.ipsets ?? {}, fresh.ipsets ?? {}) }
    case 'felix-sysctls':
      return sysctlsAgain(pair, node)
    case 'bird':
      return { ...edited, routes: routesAgain(pair, ({ protocol }) => protocol === 'bird', false) }
    case 'kube-proxy':
      return chainsAgain(pair, (_family, mine, wanted) => proxyResyncedRuleset(mine, wanted))
  }
}

const VIEW_OF: Readonly<Record<ResyncPart, (views: NodeViews) => NodeViews['felix']>> = {
  'felix-devices': (views) => felixView(views, 'felixDevices'),
  'felix-routes': (views) => felixView(views, 'felixRoutes'),
  'felix-rules': (views) => felixView(views, 'felixRoutes'),
  'felix-iptables': (views) => felixView(views, 'felixRules'),
  'felix-ipsets': (views) => felixView(views, 'felixSets'),
  'felix-sysctls': (views) => felixView(views, 'felixDevices'),
  bird: (views) => views.bird,
  'kube-proxy': (views) => views.proxy,
}

/**
 * A node that somebody edited by hand, after a program looked through a part of what it wrote and wrote that again as it should be. What
 * others have there stays, but for routes by devices of Felix: those are its own, whoever made them.
 *
 * @param edited - the network as somebody left it
 * @param fresh - the network as programs have written it, by these views
 * @returns the namespace of `fresh` where nothing is left that was edited; the one of `edited` where nothing was to do
 */
export function resyncedNode(
  part: ResyncPart,
  name: string,
  edited: Sharing,
  fresh: Sharing,
  views: NodeViews,
): Namespace | undefined {
  const [mine, wanted] = [edited.namespaces[name], fresh.namespaces[name]]
  const node = partOf(VIEW_OF[part](views), name)
  if (mine === undefined || wanted === undefined || mine === wanted || node === undefined) return mine
  const pair = { edited: writtenOut(edited, mine), fresh: writtenOut(fresh, wanted) }
  const made = resyncedPair(part, pair, node)
  const alone = (ns: Namespace): Sharing => ({ namespaces: { [name]: ns }, shared: {} })
  if (stateChanges(alone(made), alone(pair.fresh), name).length === 0) return wanted
  return stateChanges(alone(made), alone(pair.edited), name).length === 0 ? mine : made
}
