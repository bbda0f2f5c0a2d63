import type { BackendRef, Chain, IptRule, Match } from '../../model/index.ts'
import { contains, type Ip, isIpv4, type Prefix } from '../../wire/index.ts'
import { originOf } from '../origin.ts'
import type { Endpoint } from './endpoints.ts'
import { chainOf, type PortView } from './port-view.ts'
import { dport, FROM_LOCAL, jumpTo, only, PROTOCOLS, type RuleTests, ruleOf } from './rule.ts'
import type { ServicePort } from './service-ports.ts'
import { portOrigin } from './service-rules.ts'

/** How packets of pods are told on a node: what a rule tests to ask for them, and for all others. */
export interface LocalTests {
  /** Packets of pods. */
  readonly local: RuleTests
  /** Others. */
  readonly notLocal: RuleTests
}

/** What chains of Services depend on besides the Service. */
export interface ChainSettings {
  /** How pods are told; absent: they are not. */
  readonly local?: LocalTests
  /** Every packet to a virtual address is masqueraded. */
  readonly masqueradeAll: boolean
  /** Whether endpoints are so few that they have comments. */
  readonly hasComments: boolean
}

const MARK_MASQ = jumpTo('KUBE-MARK-MASQ')

/** An endpoint as people know it. */
function backendOf({ address, port, pod, node }: Endpoint): BackendRef {
  return { address, port, ...(pod === undefined ? {} : { pod }), ...(node === undefined ? {} : { node }) }
}

/** The chain that chooses one of the endpoints, anywhere or on the node. */
export function choiceChain(view: PortView, which: 'cluster' | 'local', settings: ChainSettings): Chain {
  const { port } = view
  const isInternal = (which === 'local') === port.internalLocal
  const choices = backendRules(port, view.ends()[which], settings)
  return { rules: [...(isInternal && view.hasInternal ? masqueradeRules(port, settings) : []), ...choices] }
}

/** Packets to the virtual address from outside the cluster come back this way only if they are masqueraded. */
function masqueradeRules(port: ServicePort, { local, masqueradeAll }: ChainSettings): IptRule[] {
  if (!masqueradeAll && local === undefined) return []
  const tests: RuleTests = {
    ...(masqueradeAll ? {} : local?.notLocal),
    destination: only(port.clusterIp),
    protocol: PROTOCOLS[port.protocol],
    comment: `${port.name} cluster IP`,
    modules: [dport(port.protocol, port.port)],
  }
  const why = masqueradeAll ? 'all' : 'off-cluster'
  const meaning = { kind: 'masquerade-mark', service: port.ref, why } as const
  return [ruleOf(tests, { target: MARK_MASQ, origin: portOrigin(port), meaning })]
}

/** A probability as kube-proxy writes it and the kernel keeps it: in parts of 2³¹. */
export function probability(of: number): number {
  const written = Number((1 / of).toFixed(10))
  return Number((Math.round(written * 2 ** 31) / 2 ** 31).toFixed(11))
}

function backendRules(port: ServicePort, endpoints: readonly Endpoint[], settings: ChainSettings): IptRule[] {
  const backends = endpoints.map(backendOf)
  const count = endpoints.length
  const rule = (endpoint: Endpoint, i: number, modules: readonly Match[], affinity: boolean): IptRule => {
    const comment = settings.hasComments ? `${port.name} -> ${endpoint.text}` : ''
    const chosen = { kind: 'backend', service: port.ref, chosen: i + 1, backends } as const
    const origin = originOf('kube-proxy', endpoint.resource, endpoint.path)
    const meaning = affinity ? { ...chosen, affinity } : chosen
    return ruleOf({ comment, modules }, { target: jumpTo(chainOf(port, endpoint)), origin, meaning })
  }
  const sticky = port.affinity === undefined ? [] : endpoints
  return [
    ...sticky.map((one, i) => rule(one, i, [recent(port, one, { op: 'rcheck', seconds: port.affinity! })], true)),
    ...endpoints.map((one, i) => rule(one, i, i === count - 1 ? [] : [byChance(count - i)], false)),
  ]
}

function byChance(of: number): Match {
  return { kind: 'statistic', mode: 'random', probability: probability(of) }
}

/** The list of clients of an endpoint. */
function recent(
  port: ServicePort,
  endpoint: Endpoint,
  asked: { readonly op: 'set' } | { readonly op: 'rcheck'; readonly seconds: number },
): Match {
  const mask = port.family === 4 ? '255.255.255.255' : 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'
  const list = { name: chainOf(port, endpoint), mask: mask as Ip, side: 'rsource' } as const
  return asked.op === 'set'
    ? { kind: 'recent', op: 'set', ...list }
    : { kind: 'recent', op: 'rcheck', seconds: asked.seconds, reap: true, ...list }
}

/** The chain of an endpoint. */
export function backendChain(port: ServicePort, endpoint: Endpoint, settings: ChainSettings): Chain {
  const comment = settings.hasComments ? port.name : ''
  const origin = originOf('kube-proxy', endpoint.resource, endpoint.path)
  const { address, port: number } = endpoint
  const hairpin = { kind: 'masquerade-mark', service: port.ref, why: 'hairpin' } as const
  const meaning = { kind: 'service-dnat', service: port.ref, backend: backendOf(endpoint) } as const
  const remember = port.affinity === undefined ? [] : [recent(port, endpoint, { op: 'set' })]
  const range = { minAddress: address, maxAddress: address, minPort: number, maxPort: number }
  const modules: Match[] = [...remember, { kind: port.protocol }]
  return {
    rules: [
      ruleOf({ source: only(address), comment }, { target: MARK_MASQ, origin, meaning: hairpin }),
      ruleOf(
        { protocol: PROTOCOLS[port.protocol], comment, modules },
        { target: { kind: 'DNAT', range }, origin, meaning },
      ),
    ],
  }
}

/** The chain of packets from outside: by the policy Cluster all are masqueraded, by Local only those of the node itself. */
export function externalChain(view: PortView, { local }: ChainSettings): Chain {
  const { port, names } = view
  const origin = originOf('kube-proxy', port.resource, ['spec', 'externalTrafficPolicy'])
  const meaning = { kind: 'masquerade-mark', service: port.ref, why: 'external' } as const
  const of = `${port.name} external destinations`
  const rest = view.hasExternal
    ? [ruleOf({}, { target: jumpTo(port.externalLocal ? names.local : names.cluster), origin })]
    : []
  if (!port.externalLocal) {
    return {
      rules: [ruleOf({ comment: `masquerade traffic for ${of}` }, { target: MARK_MASQ, origin, meaning }), ...rest],
    }
  }
  const toCluster = { target: jumpTo(names.cluster), origin }
  const ofNode = { modules: [FROM_LOCAL] }
  return {
    rules: [
      ...(local === undefined ? [] : [ruleOf({ ...local.local, comment: `pod traffic for ${of}` }, toCluster)]),
      ruleOf({ ...ofNode, comment: `masquerade LOCAL traffic for ${of}` }, { target: MARK_MASQ, origin, meaning }),
      ruleOf({ ...ofNode, comment: `route LOCAL traffic for ${of}` }, toCluster),
      ...rest,
    ],
  }
}

/**
 * The chain of sources that may ask a load balancer's address; all others fall off its end and are dropped untranslated.
 * @param nodeIp - the node's own address: it may ask the balancer's as the balancer
 */
export function firewallChain({ port, names }: PortView, nodeIp: Ip | undefined): Chain {
  const origin = originOf('kube-proxy', port.resource, ['spec', 'loadBalancerSourceRanges'])
  const comment = `${port.name} loadbalancer IP`
  const allow = (source: Prefix): IptRule => ruleOf({ source, comment }, { target: jumpTo(names.external), origin })
  const isNodeIn = (range: Prefix): boolean =>
    nodeIp !== undefined && isIpv4(nodeIp) === (port.family === 4) && contains(range, nodeIp)
  const balancers = port.sourceRanges.some(isNodeIn) ? port.balancerIps.map(only) : []
  const others = `other traffic to ${port.name} will be dropped by KUBE-PROXY-FIREWALL`
  return { rules: [...[...port.sourceRanges, ...balancers].map(allow), ruleOf({ comment: others }, { origin })] }
}
