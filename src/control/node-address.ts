import { type GoRegexp, goRegexp } from '../model/index.ts'
import { type Cidr, contains, type Family, familyOf, parseCidr, parseIp, parsePrefix, prefixOf } from '../wire/index.ts'
import type { Findings } from './findings.ts'
import type { NodeResource } from './kubernetes-kinds.ts'
import { addressAnnotation, calicoAnnotation, internalIps } from './node-annotations.ts'
import type { PlannedInterface, PlannedMachine } from './underlay-plan.ts'

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
  return [...machine.interfaces].reverse()
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

/** The first pattern of `interface=` or `skip-interface=` that is none. */
function badPattern(method: string): string | undefined {
  const list = /^(?:skip-)?interface=(.*)$/s.exec(method)?.[1]
  return list?.split(',').find((text) => typeof goRegexp(text.trim()) === 'string')
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

const METHODS =
  'first-found, interface=, skip-interface=, can-reach=, cidr= or kubernetes-internal-ip as IP_AUTODETECTION_METHOD'

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
  env: Readonly<Record<string, string>>,
  findings: Findings,
): Cidr | undefined {
  const path = ['metadata', 'annotations', `projectcalico.org/IPv${family}Address`]
  const annotated = addressAnnotation(node, `IPv${family}Address`)
  if (annotated && familyOf(annotated.address) === family) return annotated
  const text = calicoAnnotation(node, `IPv${family}Address`)
  if (text !== undefined) {
    findings.fault('invalid', node, path, `an IPv${family} address with its mask`, text)
  }
  const given = family === 4 ? env['IP'] : env['IP6']
  if (given === 'none') return undefined
  const fixed = given === undefined ? undefined : (parseCidr(given) ?? parseIp(given))
  const interfaces = machine?.interfaces ?? []
  if (fixed !== undefined && typeof fixed !== 'string') return fixed
  if (fixed !== undefined) {
    const found = firstOf(interfaces, (cidr) => cidr.address === fixed)
    return found ?? { address: fixed, length: family === 4 ? 32 : 128 }
  }
  if (!machine) return undefined
  const method = (family === 4 ? env['IP_AUTODETECTION_METHOD'] : env['IP6_AUTODETECTION_METHOD']) || 'first-found'
  if (!/^(first-found|kubernetes-internal-ip|(interface|skip-interface|can-reach|cidr)=.+)$/s.test(method)) {
    findings.fault('unsupported', node, path, METHODS, method)
  }
  const bad = badPattern(method)
  if (bad !== undefined) findings.fault('invalid', node, path, 'a regular expression of Go', bad.trim())
  return detect(method, family, node, machine)
}
