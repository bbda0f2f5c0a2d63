import type { IptRule, Match, Origin, RejectWith, RuleMeaning, ServiceDoor, Target } from '../../model/index.ts'
import type { Ip } from '../../wire/index.ts'
import { originOf } from '../origin.ts'
import type { PortView } from './port-view.ts'
import { dport, lateJump, only, PROTOCOLS, ruleOf, TO_LOCAL } from './rule.ts'
import { isExternal, type ServicePort } from './service-ports.ts'

/** Rules that a port of a Service has in chains that all Services share. */
export interface ServiceRules {
  /** nat KUBE-SERVICES. */
  readonly services: readonly IptRule[]
  /** nat KUBE-NODEPORTS. */
  readonly nodePorts: readonly IptRule[]
  /** filter KUBE-SERVICES. */
  readonly refusals: readonly IptRule[]
  /** filter KUBE-EXTERNAL-SERVICES. */
  readonly externalRefusals: readonly IptRule[]
  /** filter KUBE-PROXY-FIREWALL. */
  readonly firewall: readonly IptRule[]
  /** filter KUBE-NODEPORTS. */
  readonly healthChecks: readonly IptRule[]
}

/** Where a port of a Service stands in the input. */
export function portOrigin({ resource, index }: ServicePort, field?: string): () => Origin {
  const path = ['spec', 'ports', index, ...(field === undefined ? [] : [field])]
  return () => originOf('kube-proxy', resource, path)
}

/** An address of a Service that is not its virtual one, and what it is called in comments. */
interface Door {
  readonly ip: Ip
  readonly door: ServiceDoor
  readonly word: string
  readonly origin: () => Origin
}

function outerDoors(port: ServicePort): readonly Door[] {
  const { externalIps, balancerIps, resource } = port
  const external = () => originOf('kube-proxy', resource, ['spec', 'externalIPs'])
  const balanced = () => originOf('kube-proxy', resource, ['status', 'loadBalancer', 'ingress'])
  return [
    ...externalIps.map((ip): Door => ({ ip, door: 'ExternalIP', word: 'external IP', origin: external })),
    ...balancerIps.map((ip): Door => ({ ip, door: 'LoadBalancer', word: 'loadbalancer IP', origin: balanced })),
  ]
}

/** A rule about packets to one address of a port. */
function atAddress(
  { protocol, port }: ServicePort,
  ip: Ip,
  comment: string,
  target: Target,
  rest: { readonly origin: () => Origin; readonly meaning: RuleMeaning },
): IptRule {
  const tests = { destination: only(ip), protocol: PROTOCOLS[protocol], comment, modules: [dport(protocol, port)] }
  return ruleOf(tests, { target, ...rest })
}

const NONE: readonly never[] = []

/** What becomes of packets no endpoint is there for: refused where none is anywhere, dropped where none is on this node. */
function refusal(view: PortView): { readonly target: Target; readonly comment: string; readonly local: boolean } {
  const { port, hasAny } = view
  const rejectWith: RejectWith = port.family === 4 ? 'icmp-port-unreachable' : 'icmp6-port-unreachable'
  return hasAny
    ? { target: { kind: 'DROP' }, comment: `${port.name} has no local endpoints`, local: true }
    : { target: { kind: 'REJECT', rejectWith }, comment: `${port.name} has no endpoints`, local: false }
}

/** The rules of a port in shared chains. @kubernetes pkg/proxy/iptables/proxier.go syncProxyRules */
export function serviceRules(view: PortView): ServiceRules {
  const { port } = view
  return {
    services: [...clusterIpRules(view), ...outerRules(view)],
    nodePorts: nodePortRules(view),
    refusals: view.hasInternal ? NONE : [clusterIpRefusal(view)],
    externalRefusals: view.hasExternal ? NONE : [...outerRefusals(view), ...nodePortRefusals(view)],
    firewall: view.hasFirewallChain ? firewallRules(view) : NONE,
    healthChecks: port.healthCheckPort === undefined ? NONE : [healthCheckRule(port, port.healthCheckPort)],
  }
}

function clusterIpRules(view: PortView): readonly IptRule[] {
  const { port } = view
  if (!view.hasInternal) return NONE
  const target = lateJump(() => (port.internalLocal ? view.names.local : view.names.cluster))
  const meaning = { kind: 'service', service: port.ref, door: 'ClusterIP' } as const
  return [atAddress(port, port.clusterIp, `${port.name} cluster IP`, target, { origin: portOrigin(port), meaning })]
}

function outerRules(view: PortView): readonly IptRule[] {
  const { port } = view
  if (!view.hasAny || !isExternal(port)) return NONE
  return outerDoors(port).map(({ ip, door, word, origin }) => {
    const isFiltered = door === 'LoadBalancer' && view.hasFirewallChain
    const target = lateJump(() => (isFiltered ? view.names.firewall : view.names.external))
    const meaning = { kind: 'service', service: port.ref, door } as const
    return atAddress(port, ip, `${port.name} ${word}`, target, { origin, meaning })
  })
}

function nodePortRules(view: PortView): readonly IptRule[] {
  const { port } = view
  if (port.nodePort === undefined || !view.hasAny) return NONE
  const tests = {
    protocol: PROTOCOLS[port.protocol],
    comment: port.name,
    modules: [dport(port.protocol, port.nodePort)],
  }
  const meaning = { kind: 'service', service: port.ref, door: 'NodePort' } as const
  return [ruleOf(tests, { target: lateJump(() => view.names.external), origin: portOrigin(port, 'nodePort'), meaning })]
}

function clusterIpRefusal(view: PortView): IptRule {
  const { port } = view
  const { target, comment, local } = refusal(view)
  const meaning = { kind: 'no-backend', service: port.ref, door: 'ClusterIP', local } as const
  return atAddress(port, port.clusterIp, comment, target, { origin: portOrigin(port), meaning })
}

function outerRefusals(view: PortView): IptRule[] {
  const { port } = view
  const { target, comment, local } = refusal(view)
  return outerDoors(port).map(({ ip, door, origin }) => {
    const meaning = { kind: 'no-backend', service: port.ref, door, local } as const
    return atAddress(port, ip, comment, target, { origin, meaning })
  })
}

function nodePortRefusals(view: PortView): IptRule[] {
  const { port } = view
  if (port.nodePort === undefined) return []
  const { target, comment, local } = refusal(view)
  const modules: Match[] = [TO_LOCAL, dport(port.protocol, port.nodePort)]
  const meaning = { kind: 'no-backend', service: port.ref, door: 'NodePort', local } as const
  const tests = { protocol: PROTOCOLS[port.protocol], comment, modules }
  return [ruleOf(tests, { target, origin: portOrigin(port, 'nodePort'), meaning })]
}

function firewallRules({ port, names }: PortView): IptRule[] {
  const comment = `${port.name} traffic not accepted by ${names.firewall}`
  const origin = (): Origin => originOf('kube-proxy', port.resource, ['spec', 'loadBalancerSourceRanges'])
  const meaning = { kind: 'source-range', service: port.ref } as const
  return port.balancerIps.map((ip) => atAddress(port, ip, comment, { kind: 'DROP' }, { origin, meaning }))
}

function healthCheckRule(port: ServicePort, number: number): IptRule {
  const comment = `${port.name} health check node port`
  const origin = originOf('kube-proxy', port.resource, ['spec', 'healthCheckNodePort'])
  const tests = { protocol: PROTOCOLS.tcp, comment, modules: [dport('tcp', number)] }
  return ruleOf(tests, { target: { kind: 'ACCEPT' }, origin })
}
