import type { Lab } from '../lab/index.ts'
import { cablePeer, interfaceOf, type Namespace, type Route, routesCovering } from '../model/index.ts'
import { familyOf, type Ip, prefixLength } from '../wire/index.ts'
import type { DecidedPlace } from './deciders.ts'
import { type Flow, podsOf } from './flows.ts'
import type { Shown } from './shown.ts'
import { targetOf } from './signatures/target.ts'

/** Where the commands about a failing flow are typed, and what they are about. */
export function placeOf(shown: Shown): DecidedPlace {
  const { lab, flow, finding, drop, loss } = shown
  const base = placeOfFlow(lab, flow)
  const role = lab.network.namespaces[finding.netns]?.role
  const isNode = role === 'node'
  const isReply = loss.stage.startsWith('reply.')
  const [first, second] = isReply ? [base.peer, base.node] : [base.node, base.peer]
  const node = isNode ? finding.netns : first
  const peer = node === second ? first : second
  const target = role === 'node' || role === 'router' ? targetOf(shown) : isReply ? base.source : base.target
  const dev = drop !== undefined && drop.netns === node ? drop.dev : finding.dev
  const podDev = hostEndOf(lab, node, [base.from, flow.to, finding.netns]) ?? base.podDev
  const isRemote = loss.stage === 'remote.input' || loss.stage === 'nic.rx' || loss.stage === 'decap'
  const at = isRemote ? { node, peer: node } : { node, peer }
  return {
    ...base,
    ...at,
    target: isAddress(target) ? target : base.target,
    dev,
    podDev,
    card: cardOf(lab.network.namespaces[at.peer]),
  }
}

function isAddress(text: string): boolean {
  return text.includes('.') || text.includes(':')
}

/** The same, of a flow that nothing is known of but its ends. */
export function placeOfFlow(lab: Lab, { from, to, port = 0 }: Pick<Flow, 'from' | 'to' | 'port'>): DecidedPlace {
  const [a, b] = [lab.endpoint(from), lab.endpoint(to)]
  const family = b.address === undefined ? 4 : familyOf(b.address)
  const node = nodeOf(lab, a.netns) ?? Object.keys(lab.network.namespaces)[0] ?? ''
  const peer = nodeOf(lab, b.netns) ?? node
  const target = b.address ?? to
  const source = a.addresses.find((one) => familyOf(one) === family) ?? a.address ?? from
  const route = routeFrom(lab, node, target)
  return {
    node,
    peer,
    peerAddress: addressAt(lab, peer, family),
    from: a.netns ?? from,
    target,
    source,
    dev: route?.dev ?? '',
    card: cardOf(lab.network.namespaces[peer]),
    podDev: hostEndOf(lab, node, [a.netns ?? '']) ?? 'cali+',
    tunnel: route?.dev ?? cardOf(lab.network.namespaces[node]),
    port,
  }
}

/** The route that a node takes to an address, other than a default route. */
export function routeFrom(lab: Lab, node: string, target: string): Route | undefined {
  const ns = lab.network.namespaces[node]
  if (ns === undefined || !isAddress(target)) return undefined
  return [...routesCovering(lab.network, ns, target as Ip)]
    .filter(({ table, type, dst }) => table === 'main' && type === 'unicast' && prefixLength(dst) > 0)
    .sort((x, y) => prefixLength(y.dst) - prefixLength(x.dst))[0]
}

/** The machine that something is on: a pod's node, a node itself. */
export function nodeOf(lab: Lab, netns: string | undefined): string | undefined {
  if (netns === undefined) return undefined
  if (lab.network.namespaces[netns]?.role === 'node') return netns
  return podsOf(lab).find((pod) => pod.netns === netns)?.node
}

/** The interface by which a machine reaches the others. */
function cardOf(ns: Namespace | undefined): string {
  if (ns === undefined) return 'any'
  const byDefault = ns.routes.find(({ dst, dev }) => prefixLength(dst) === 0 && dev !== undefined)?.dev
  const cards = Object.values(ns.interfaces).filter(({ kind }) => kind === 'ethernet')
  return byDefault ?? cards[0]?.name ?? 'eth0'
}

function addressAt(lab: Lab, node: string, family: 4 | 6): string {
  const known = lab.cluster?.nodes.find(({ name }) => name === node)
  const own = family === 4 ? known?.ipv4 : known?.ipv6
  const ns = lab.network.namespaces[node]
  const dev = ns === undefined ? undefined : interfaceOf(ns, cardOf(ns))
  return own?.address ?? dev?.addresses.find(({ local }) => familyOf(local) === family)?.local ?? node
}

/** The host end of the cable of the first of these that is a pod of the node. */
function hostEndOf(lab: Lab, node: string, names: readonly string[]): string | undefined {
  for (const name of names) {
    const ns = lab.network.namespaces[name]
    if (ns?.role !== 'pod') continue
    for (const dev of Object.keys(ns.interfaces)) {
      const end = cablePeer(lab.network, name, dev)
      if (end?.netns === node) return end.dev
    }
    const known = lab.cluster?.workloadEndpoints.find((one) => one.netns === name && one.node === node)
    if (known !== undefined) return known.interfaceName
  }
  return undefined
}
