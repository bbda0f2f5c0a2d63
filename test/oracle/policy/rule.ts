// What a rule of Calico asks of a packet (facts: policy.md §4, §5), as a predicate.
import { isIn, type Member, type PolicyWorld, protocolNumber } from './cluster.ts'
import type { Labels } from './objects.ts'
import { type Meaning, readSelector } from './selector.ts'

/** A packet as one endpoint sees it. */
export interface Packet {
  readonly src: string
  readonly dst: string
  readonly protocol: number
  readonly sport?: number
  readonly dport?: number
  readonly icmpType?: number
  readonly icmpCode?: number
}

export type Action = 'Allow' | 'Deny' | 'Pass' | 'Log'

/** A rule: what it does with which packets. */
export interface Rule {
  readonly action: Action
  readonly matches: (packet: Packet) => boolean
}

type Port = number | string

/** One side of a rule, as users write it. */
interface Entity {
  readonly nets?: readonly string[]
  readonly notNets?: readonly string[]
  readonly selector?: string
  readonly notSelector?: string
  readonly namespaceSelector?: string
  readonly ports?: readonly Port[]
  readonly notPorts?: readonly Port[]
  readonly serviceAccounts?: { readonly names?: readonly string[]; readonly selector?: string }
  readonly services?: { readonly name: string; readonly namespace?: string }
}

interface Icmp {
  readonly type?: number
  readonly code?: number
}

/** A rule as users write it. */
export interface CalicoRule {
  readonly action: Action
  readonly protocol?: string | number
  readonly notProtocol?: string | number
  readonly ipVersion?: number
  readonly icmp?: Icmp
  readonly notICMP?: Icmp
  readonly source?: Entity
  readonly destination?: Entity
}

const WITH_PORTS = [6, 17, 132, 136]
const hasNamespace = (labels: Labels): boolean => 'projectcalico.org/namespace' in labels

/** `all()` means all pods and network sets of namespaces, `global()` whatever has none. */
export const NAMESPACES: Meaning = {
  all: hasNamespace,
  global: (labels) => !hasNamespace(labels),
  prefix: 'pcns.',
}

/** Whom a side selects: undefined when it selects nobody in particular. */
function selected(
  { selector, notSelector, namespaceSelector, serviceAccounts }: Entity,
  namespace: string | undefined,
): ((labels: Labels) => boolean) | undefined {
  const all: ((labels: Labels) => boolean)[] = []
  if (selector) all.push(readSelector(selector))
  if (serviceAccounts?.names?.length) {
    const { names } = serviceAccounts
    all.push((labels) => names.includes(labels['projectcalico.org/serviceaccount']!))
  }
  if (serviceAccounts?.selector) all.push(readSelector(serviceAccounts.selector, { prefix: 'pcsa.' }))
  if (namespaceSelector) all.push(readSelector(namespaceSelector, NAMESPACES))
  else if (namespace !== undefined && (all.length > 0 || notSelector))
    all.push((labels) => labels['projectcalico.org/namespace'] === namespace)
  return all.length === 0 ? undefined : (labels) => all.every((holds) => holds(labels))
}

/** Whether somebody of these has the address. */
export function isMember(
  world: PolicyWorld,
  address: string,
  holds: (labels: Labels, member: Member) => boolean,
): boolean {
  return world.members.some((one) => holds(one.labels, one) && one.nets.some((net) => isIn(net, address)))
}

function isPort(range: Port, port: number): boolean | undefined {
  const [low, high] = String(range).split(':').map(Number)
  return Number.isNaN(low) ? undefined : port >= low! && port <= (high ?? low!)
}

/** What one side asks of an address and a port. */
function side(world: PolicyWorld, entity: Entity, namespace: string | undefined, protocol: number | undefined) {
  const who = selected(entity, namespace)
  const not = entity.notSelector ? readSelector(entity.notSelector) : undefined
  const { services } = entity
  const backends = services && world.endpointsOf(services.namespace ?? namespace ?? '', services.name)
  const isNamed = (name: Port, address: string, port: number, over: number): boolean =>
    isMember(
      world,
      address,
      (labels, one) =>
        (who === undefined || who(labels)) &&
        one.ports.some(
          (own) =>
            own.name === name &&
            own.port === port &&
            own.protocol === over &&
            (protocol === undefined || own.protocol === protocol),
        ),
    )
  const isOneOf = (ports: readonly Port[], address: string, port: number | undefined, over: number): boolean =>
    port !== undefined &&
    WITH_PORTS.includes(over) &&
    ports.some((one) => isPort(one, port) ?? isNamed(one, address, port, over))
  return (address: string, port: number | undefined, over: number, isDestination: boolean): boolean =>
    (!entity.nets?.length || entity.nets.some((net) => isIn(net, address))) &&
    !(entity.notNets ?? []).some((net) => isIn(net, address)) &&
    (who === undefined || isMember(world, address, who)) &&
    (not === undefined || !isMember(world, address, not)) &&
    (!entity.ports?.length || isOneOf(entity.ports, address, port, over)) &&
    (!entity.notPorts?.length || !isOneOf(entity.notPorts, address, port, over)) &&
    (backends === undefined ||
      backends.some(
        (one) => one.address === address && (!isDestination || (one.port === port && one.protocol === over)),
      ))
}

function isIcmp(packet: Packet, { type, code }: Icmp): boolean {
  return (type === undefined || packet.icmpType === type) && (code === undefined || packet.icmpCode === code)
}

/** A rule of Calico; `namespace` is that of its policy. */
export function calicoRule(world: PolicyWorld, rule: CalicoRule, namespace: string | undefined): Rule {
  const protocol = rule.protocol === undefined ? undefined : protocolNumber(rule.protocol)
  const notProtocol = rule.notProtocol === undefined ? undefined : protocolNumber(rule.notProtocol)
  const source = side(world, rule.source ?? {}, namespace, protocol)
  const destination = side(world, rule.destination ?? {}, namespace, protocol)
  return {
    action: rule.action,
    matches: (packet) => {
      const { src, dst, sport, dport, protocol: over } = packet
      return (
        (protocol === undefined || over === protocol) &&
        over !== notProtocol &&
        (rule.ipVersion === undefined || (rule.ipVersion === 6) === dst.includes(':')) &&
        (rule.icmp === undefined || isIcmp(packet, rule.icmp)) &&
        (rule.notICMP === undefined || !isIcmp(packet, rule.notICMP)) &&
        source(src, sport, over, false) &&
        destination(dst, dport, over, true)
      )
    },
  }
}
