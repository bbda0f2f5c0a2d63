import { type GoRegexp, goRegexp } from '../model/index.ts'
import {
  type Cidr,
  contains,
  type Family,
  familyOf,
  type Ip,
  parseCidr,
  parseIp,
  parsePrefix,
  prefixOf,
} from '../wire/index.ts'
import type { Findings } from './findings.ts'
import type { NodeResource } from './kubernetes-kinds.ts'
import { ADDRESS_ANNOTATION, addressAnnotation, calicoAnnotation, internalIps } from './node-annotations.ts'
import type { Environment } from './settings/environment.ts'
import type { PlannedInterface, PlannedMachine } from './underlay/plan.ts'

/** Interfaces that first-found and cidr= never take. @calico node/pkg/lifecycle/startup/autodetection */
const SKIPPED: readonly RegExp[] = [
  /^docker.*/,
  /^cbr.*/,
  /^dummy.*/,
  /^podman.*/,
  /^virbr.*/,
  /^lxcbr.*/,
  /^veth.*/,
  /^lo/,
  /^br-.*/,
  /^cali.*/,
  /^tunl.*/,
  /^flannel.*/,
  /^kube-ipvs.*/,
  /^cni.*/,
  /^vxlan\.calico.*/,
  /^vxlan-v6\.calico.*/,
  /^wireguard\.cali.*/,
  /^wg-v6\.cali.*/,
  /^nodelocaldns.*/,
]

/** The interfaces of a machine in the order Calico looks at them: highest index first. */
function lookupOrder(machine: PlannedMachine): PlannedInterface[] {
  const order = [...machine.interfaces].reverse()
  return machine.loopback === undefined ? order : [...order, machine.loopback]
}

function firstOf(interfaces: readonly PlannedInterface[], wanted: (cidr: Cidr) => boolean): Cidr | undefined {
  for (const dev of interfaces) for (const cidr of dev.addresses) if (wanted(cidr)) return cidr
  return undefined
}

/** The patterns of a list; blanks around the commas do not count. @calico node/pkg/lifecycle/startup/autodetection */
function regexps(list: string): GoRegexp[] {
  return list
    .trim()
    .split(/\s*,\s*/)
    .map(goRegexp)
    .filter((pattern) => typeof pattern !== 'string')
}

/** One detection method; undefined when it finds nothing. */
function detect(method: string, family: Family, node: NodeResource, machine: PlannedMachine): Cidr | undefined {
  const ofFamily = (cidr: Cidr): boolean => familyOf(cidr.address) === family
  const order = lookupOrder(machine)
  const usual = order.filter((dev) => !SKIPPED.some((pattern) => pattern.test(dev.name)))
  const [name, value] = [method.replace(/=.*/s, ''), method.slice(method.indexOf('=') + 1)]
  switch (name) {
    case 'interface': {
      const patterns = regexps(value)
      return firstOf(
        order.filter((dev) => patterns.some((pattern) => pattern.test(dev.name))),
        ofFamily,
      )
    }
    case 'skip-interface': {
      const patterns = regexps(value)
      return firstOf(
        usual.filter((dev) => !patterns.some((pattern) => pattern.test(dev.name))),
        ofFamily,
      )
    }
    case 'cidr': {
      const nets = value.split(',').map((text) => parsePrefix(text.trim()))
      return firstOf(usual, (cidr) => ofFamily(cidr) && nets.some((net) => net && contains(net, cidr.address)))
    }
    case 'kubernetes-internal-ip': {
      const internal = internalIps(node).find((ip) => familyOf(ip) === family)
      return firstOf(order, (cidr) => cidr.address === internal)
    }
    case 'can-reach': {
      const target = parseIp(value)
      const onLink = (cidr: Cidr): boolean =>
        ofFamily(cidr) && target !== undefined && contains(prefixOf(cidr.address, cidr.length), target)
      const routed = order.filter((dev) =>
        dev.segment?.nets.some((net) => net.gateway && familyOf(net.gateway) === family),
      )
      return firstOf(order, onLink) ?? firstOf([...routed].reverse(), ofFamily)
    }
    case 'first-found':
      return firstOf(usual, ofFamily)
    default:
      return undefined
  }
}

/** The variables that say how a node finds its address. */
const METHOD_VARIABLES = { 4: 'IP_AUTODETECTION_METHOD', 6: 'IP6_AUTODETECTION_METHOD' } as const
const METHODS = 'first-found, interface=, skip-interface=, can-reach=, cidr= or kubernetes-internal-ip'
const METHOD = /^(first-found|kubernetes-internal-ip|(interface|skip-interface|can-reach|cidr)=.+)$/s

/** What is wrong with a way of autodetection: what would be right, and what was there; undefined when it is one. */
function methodFault(method: string): readonly [expected: string, received: string] | undefined {
  if (!METHOD.test(method)) return [METHODS, method]
  const list = /^(?:skip-)?interface=(.*)$/s.exec(method)?.[1]
  const bad = list?.split(',').find((text) => typeof goRegexp(text.trim()) === 'string')
  return bad === undefined ? undefined : ['a regular expression of Go', bad.trim()]
}

function methodOf(family: Family, env: Environment): string {
  const method = env.get(METHOD_VARIABLES[family])?.value.trim() ?? ''
  return methodFault(method) === undefined ? method : 'first-found'
}

/** Holds the ways of autodetection, and addresses given instead, against what calico-node takes; once, not for each node. */
export function checkAutodetection(env: Environment, findings: Findings): void {
  for (const family of [4, 6] as const) {
    const variable = env.get(METHOD_VARIABLES[family])
    const method = variable?.value.trim() ?? ''
    const fault = method === '' ? undefined : methodFault(method)
    if (variable === undefined || fault === undefined) continue
    findings.fault('invalid', variable.resource, variable.path, `${fault[0]}, as ${variable.name}`, `"${fault[1]}"`)
  }
  for (const name of ['IP', 'IP6']) {
    const given = env.get(name)
    if (given === undefined || ['', 'none', 'autodetect'].includes(given.value)) continue
    const family = name === 'IP' ? 4 : 6
    const address = parseCidr(given.value)?.address ?? parseIp(given.value)
    if (address !== undefined && familyOf(address) === family) continue
    const expected = `autodetect, none or an IPv${family} address, as ${name}`
    findings.fault('invalid', given.resource, given.path, expected, `"${given.value}"`)
  }
}

/** An address of a family, with its mask where it has one. */
function addressIn(text: string, family: Family): Cidr | Ip | undefined {
  const found = parseCidr(text) ?? parseIp(text)
  const address = typeof found === 'object' ? found.address : found
  return address !== undefined && familyOf(address) === family ? found : undefined
}

/**
 * The address calico-node publishes for its node, with the mask that decides about CrossSubnet: the annotation a running
 * cluster has, an explicit `IP`, else autodetection over the machine's interfaces.
 *
 * @calico node/pkg/lifecycle/startup/startup.go
 */
export function calicoAddress(
  family: Family,
  node: NodeResource,
  machine: PlannedMachine | undefined,
  env: Environment,
  findings: Findings,
): Cidr | undefined {
  const annotation = ADDRESS_ANNOTATION[family]
  const annotated = addressAnnotation(node, annotation)
  if (annotated && familyOf(annotated.address) === family) return annotated
  const text = calicoAnnotation(node, annotation)
  if (text !== undefined) {
    const path = ['metadata', 'annotations', `projectcalico.org/${annotation}`]
    findings.fault('invalid', node, path, `an IPv${family} address with its mask`, text)
  }
  // A manifest without IP6 does not look for IPv6 addresses; without any manifest nobody said so.
  const given = env.get(family === 4 ? 'IP' : 'IP6')?.value ?? (family === 6 && env.size > 0 ? 'none' : undefined)
  if (given === 'none') return undefined
  const fixed = given === undefined ? undefined : addressIn(given, family)
  const interfaces = machine === undefined ? [] : lookupOrder(machine)
  if (fixed !== undefined && typeof fixed !== 'string') return fixed
  if (fixed !== undefined) {
    const found = firstOf(interfaces, (cidr) => cidr.address === fixed)
    return found ?? { address: fixed, length: family === 4 ? 32 : 128 }
  }
  if (!machine) return undefined
  return detect(methodOf(family, env), family, node, machine)
}
