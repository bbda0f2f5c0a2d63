import { addressBits, type Cidr, type Family, familyOf, type Ip, parseCidr, parseIp } from '../wire/index.ts'
import type { Findings } from './findings.ts'
import type { NodeResource } from './kubernetes-kinds.ts'
import { ADDRESS_ANNOTATION, addressAnnotation, calicoAnnotation, internalIps } from './node-annotations.ts'
import type { Environment } from './settings/environment.ts'
import { autodetect, type Machine, methodFault } from './startup/autodetection.ts'
import { interfaceWith } from './startup/interfaces.ts'
import type { PlannedInterface, PlannedMachine } from './underlay/plan.ts'
import { sourceTowards } from './underlay/source-towards.ts'

/** What calico-node finds on the machine of a node. */
function machineOf(node: NodeResource, machine: PlannedMachine): Machine {
  return {
    interfaces: machine.loopback === undefined ? machine.interfaces : [machine.loopback, ...machine.interfaces],
    internalIps: internalIps(node),
    sourceTowards: (target, family) => sourceTowards(machine, target, family),
  }
}

/** Whether a method may find an address: none does where no interface has one of the family, unless it goes by routes. */
function mayFind(method: string, family: Family, { interfaces, loopback }: PlannedMachine): boolean {
  const isOn = ({ addresses }: Pick<PlannedInterface, 'addresses'>): boolean =>
    addresses.some(({ address }) => familyOf(address) === family)
  return method.startsWith('can-reach=') || interfaces.some(isOn) || (loopback !== undefined && isOn(loopback))
}

/** One detection method; undefined when it finds nothing. */
function detect(method: string, family: Family, node: NodeResource, machine: PlannedMachine): Cidr | undefined {
  const detection = autodetect(method, family, machineOf(node, machine))
  return detection.kind === 'found' ? detection.cidr : undefined
}

/** The variables that say how a node finds its address. */
const METHOD_VARIABLES = { 4: 'IP_AUTODETECTION_METHOD', 6: 'IP6_AUTODETECTION_METHOD' } as const
function methodOf(family: Family, env: Environment): string {
  const method = env.get(METHOD_VARIABLES[family])?.value ?? ''
  return methodFault(method) === undefined ? method : 'first-found'
}

/** Holds the ways of autodetection, and addresses given instead, against what calico-node takes; once, not for each node. */
export function checkAutodetection(env: Environment, findings: Findings): void {
  for (const family of [4, 6] as const) {
    const variable = env.get(METHOD_VARIABLES[family])
    const method = variable?.value ?? ''
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
  if (fixed !== undefined && typeof fixed !== 'string') return fixed
  if (fixed !== undefined) {
    const own = machine === undefined ? [] : machineOf(node, machine).interfaces
    return interfaceWith(own, fixed)?.cidr ?? { address: fixed, length: addressBits(fixed) }
  }
  if (!machine) return undefined
  const method = methodOf(family, env)
  // Whatever is found is on an interface. Most machines have no IPv6, and there may be thousands of them.
  return mayFind(method, family, machine) ? detect(method, family, node, machine) : undefined
}
