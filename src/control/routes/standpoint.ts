import { type Cidr, type Family, familyOf, ipv4ToNumber, maskOf, prefixOf } from '../../wire/index.ts'
import { addressOfNode, type ClusterNode, parentInterface } from '../cluster-node.ts'
import { defaultGateway } from '../underlay/machine.ts'
import type { PlannedInterface } from '../underlay/plan.ts'
import type { ClusterRouteFacts } from './situation.ts'

function netKey({ address, length }: Cidr): string {
  if (familyOf(address) === 6) return prefixOf(address, length)
  return `${(ipv4ToNumber(address) & maskOf(length)) >>> 0}/${length}`
}

/**
 * Tells nodes apart that may be in different situations, at a fraction of what it takes to find out in which: nodes with the same key
 * are in the same situation. Settings, segments and lists of routes go by identity.
 */
export class Standpoints {
  private readonly facts: ClusterRouteFacts
  private readonly ids = new Map<object, number>()

  constructor(facts: ClusterRouteFacts) {
    this.facts = facts
  }

  /** The key of a node. */
  keyOf(node: ClusterNode): string {
    const { felix, machine } = node
    let key = `${this.id(felix)} ${this.id(machine?.routes)}`
    for (const dev of machine?.interfaces ?? []) key += `|${this.interfaceKey(dev)}`
    return `${key}|4 ${this.familyKey(node, 4)}|6 ${this.familyKey(node, 6)}`
  }

  private interfaceKey({ name, mtu, segment, addresses }: PlannedInterface): string {
    let key = `${name} ${mtu} ${this.id(segment)}`
    for (const cidr of addresses) key += ` ${netKey(cidr)}`
    return key
  }

  private familyKey(node: ClusterNode, family: Family): string {
    const { vteps, wireguard, unlearned } = this.facts
    const own = addressOfNode(node, family)
    const parent = parentInterface(node, family)
    const gateway = node.machine && defaultGateway(node.machine, family)
    const subnet = own === undefined ? '' : netKey(own)
    // An address on an interface of a segment is on link; whether another is depends on the address.
    const where = parent?.segment === undefined ? own?.address : ''
    const tunnels = `${vteps[family].has(node.name)} ${wireguard[family].has(node.name)}`
    return `${subnet} ${parent?.name} ${parent?.mtu} ${where} ${gateway?.via} ${gateway?.dev} ${tunnels} ${unlearned[family].get(node.name)}`
  }

  private id(one: object | undefined): number {
    if (one === undefined) return 0
    const known = this.ids.get(one)
    if (known !== undefined) return known
    this.ids.set(one, this.ids.size + 1)
    return this.ids.size
  }
}
