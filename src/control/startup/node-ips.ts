import { addressBits, type Family, familyOf, type Ip, parseCidr, parseIp } from '../../wire/index.ts'
import { autodetect, type Machine } from './autodetection.ts'
import { type HostInterface, interfaceWith, isUsuallySkipped, type Skipped } from './interfaces.ts'

/** What is stored of a node: of this one before, and of the others. */
export interface StoredNode {
  /** Name. */
  readonly name: string
  /** Addresses as stored, with or without a length. */
  readonly addresses: Readonly<Partial<Record<Family, string>>>
  /** Interfaces as stored; absent: none. */
  readonly interfaces?: readonly StoredInterface[]
}

/** An interface of a stored node. */
export interface StoredInterface {
  /** Name. */
  readonly name: string
  /** Addresses without lengths. */
  readonly addresses: readonly string[]
}

/** An address calico-node settles on. */
export interface NodeIp {
  /** The address. */
  readonly address: Ip
  /** The length of its subnet; absent where nothing tells it: it then counts as a single address. */
  readonly length?: number
  /** The interface that has it; absent: none does. */
  readonly dev?: string
  /** What is written into the Node. */
  readonly value: string
}

/** What calico-node settles on at its start. */
export interface NodeIps {
  readonly ips: Readonly<Partial<Record<Family, NodeIp>>>
  /** Why it gives up; absent: it goes on. */
  readonly fault?: string
  /** What it says. */
  readonly messages: readonly string[]
  /** What autodetection passed over. */
  readonly skipped: readonly Skipped[]
  /** What the answer depends on and is not known; then nothing here counts. */
  readonly unknown?: string
}

/** What decides about the addresses of a node. */
export interface AddressSituation {
  readonly variable: (name: string) => string | undefined
  readonly machine: Machine
  /** What is stored of this node. */
  readonly stored: StoredNode
  /** What is stored of the others. */
  readonly others: readonly StoredNode[]
}

const VARIABLES = { 4: 'IP', 6: 'IP6' } as const
const NOT_FOUND = 'If auto-detecting, choose a different autodetection method. Otherwise provide an explicit address.'

/** One family: its address, or why calico-node ends. */
interface OneFamily {
  readonly ip?: NodeIp
  readonly fault?: string
  readonly unknown?: string
}

/**
 * The addresses calico-node publishes for its node: detected, given, or kept as stored.
 *
 * @calico node/pkg/lifecycle/startup/startup.go configureIPsAndSubnets, checkConflictingNodes
 */
export function nodeIps(situation: AddressSituation): NodeIps {
  const { variable, stored } = situation
  if (variable('CALICO_NETWORKING_BACKEND') === 'none') return { ips: {}, messages: [], skipped: [] }
  const messages: string[] = []
  const skipped: Skipped[] = []
  const ips: Partial<Record<Family, NodeIp>> = {}
  const done = (fault?: string): NodeIps => ({ ips, messages, skipped, ...(fault === undefined ? {} : { fault }) })
  for (const family of [4, 6] as const) {
    const { ip, fault, unknown } = addressOf(family, situation, messages, skipped)
    if (unknown !== undefined) return { ...done(), unknown }
    if (fault !== undefined) return done(fault)
    if (ip !== undefined) ips[family] = ip
  }
  if (ips[4] === undefined && ips[6] === undefined) {
    return done('no IPv4 or IPv6 addresses configured or detected, required for Calico networking')
  }
  const changed = ([4, 6] as const).some((family) => stored.addresses[family] !== ips[family]?.value)
  if (!changed && !interfacesChanged(situation)) return done()
  if (variable('DISABLE_NODE_IP_CHECK') === 'true') return done()
  return done(conflict(situation, ips, messages))
}

function addressOf(
  family: Family,
  { variable, machine, stored }: AddressSituation,
  messages: string[],
  skipped: Skipped[],
): OneFamily {
  const name = VARIABLES[family]
  const given = variable(name) ?? ''
  const kept = stored.addresses[family]
  const detects = given === 'autodetect' || (family === 4 && given === '' && kept === undefined)
  if (!detects) {
    if (given !== '' && given !== 'none') return explicit(family, given, machine.interfaces, messages)
    if (kept === undefined) return {}
    if (given === 'none') messages.push(`Autodetection for IPv${family} disabled, keeping existing value: ${kept}`)
    return keep(kept, machine.interfaces, messages)
  }
  const method = variable(`${name}_AUTODETECTION_METHOD`) ?? ''
  const found = autodetect(method, family, machine)
  switch (found.kind) {
    case 'found': {
      skipped.push(...found.skipped)
      const { address, length } = found.cidr
      messages.push(`Using autodetected IPv${family} address on interface ${found.dev}: ${address}/${length}`)
      return { ip: { address, length, dev: found.dev, value: `${address}/${length}` } }
    }
    case 'no-method':
      return { fault: `Invalid IP autodetection method: ${method}` }
    case 'unknown':
      return { unknown: found.what }
    case 'none':
      skipped.push(...found.skipped)
      messages.push(`Unable to auto-detect an IPv${family} address: ${found.why}`)
      if (kept === undefined) {
        messages.push(`Couldn't autodetect an IPv${family} address. ${NOT_FOUND}`)
        return { fault: `failed to autodetect an IPv${family} address` }
      }
      messages.push(`Autodetection of IPv${family} address failed, keeping existing value: ${kept}`)
      return keep(kept, machine.interfaces, messages)
  }
}

/** An address in so many words, with the length that stands there or that of the interface which has it. */
function explicit(family: Family, text: string, interfaces: readonly HostInterface[], messages: string[]): OneFamily {
  const name = VARIABLES[family]
  const cidr = parseCidr(text)
  const address = cidr?.address ?? parseIp(text)
  if (address === undefined || familyOf(address) !== family) {
    return { fault: `Environment does not contain a valid IPv${family} address: ${name}=${text}` }
  }
  messages.push(`Using IPv${family} address from environment: ${name}=${text}`)
  const ip = confirmed(address, interfaces, messages)
  const length = cidr?.length ?? ip.length
  const value = `${address}/${length ?? addressBits(address)}`
  return { ip: { ...ip, ...(length === undefined ? {} : { length }), value } }
}

function keep(text: string, interfaces: readonly HostInterface[], messages: string[]): OneFamily {
  const cidr = parseCidr(text)
  const address = cidr?.address ?? parseIp(text)
  if (address === undefined) return { fault: `Failed to parse autodetected CIDR '${text}'` }
  const { length: _, ...ip } = confirmed(address, interfaces, messages)
  return { ip: { ...ip, ...(cidr === undefined ? {} : { length: cidr.length }), value: text } }
}

/** Looks for the interface that has an address; that none has it is only said. */
function confirmed(
  address: Ip,
  interfaces: readonly HostInterface[],
  messages: string[],
): Pick<NodeIp, 'address' | 'length' | 'dev'> {
  const taken = interfaceWith(interfaces, address)
  if (taken !== undefined) return { address, length: taken.cidr.length, dev: taken.dev }
  messages.push(`Unable to confirm IPv${familyOf(address)} address ${address} is assigned to this host`)
  return { address }
}

/** Whether the interfaces that calico-node writes down are others than those that are stored. */
function interfacesChanged({ variable, machine, stored }: AddressSituation): boolean {
  const asked = ([4, 6] as const).filter((family) => !['', 'none'].includes(variable(VARIABLES[family]) ?? ''))
  if (asked.length === 0) return (stored.interfaces?.length ?? 0) > 0
  const now = machine.interfaces
    .filter(({ name }) => !isUsuallySkipped(name))
    .map(({ name, addresses }) => ({
      name,
      addresses: addresses.map(({ address }) => address).filter((ip) => asked.includes(familyOf(ip))),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const before = stored.interfaces ?? []
  const text = (list: readonly StoredInterface[]): string =>
    list.map(({ name, addresses }) => [name, ...addresses].join(' ')).join('\n')
  return text(now) !== text(before)
}

/** Another node with an address of this one: calico-node ends. */
function conflict({ stored, others }: AddressSituation, ips: NodeIps['ips'], messages: string[]): string | undefined {
  let fault: string | undefined
  for (const family of [4, 6] as const) {
    const ours = ips[family]?.address
    const before = addressIn(stored.addresses[family])
    if (ours !== undefined && before !== undefined && before !== ours) {
      messages.push(
        `IPv${family} address has changed. This could happen if there are multiple nodes with the same name.`,
      )
    }
    for (const { name, addresses } of others) {
      if (ours === undefined || addressIn(addresses[family]) !== ours) continue
      messages.push(`Calico node '${name}' is already using the IPv${family} address ${ours}.`)
      fault = `conflicting node detected: IPv${family} address conflict`
    }
  }
  return fault
}

function addressIn(text: string | undefined): Ip | undefined {
  return text === undefined ? undefined : (parseCidr(text)?.address ?? parseIp(text))
}
