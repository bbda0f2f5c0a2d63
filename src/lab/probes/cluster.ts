import { buildCluster, type Cluster, parseCalicoVersion } from '../../control/index.ts'
import { loadResources } from '../../input/index.ts'
import type { Network } from '../../model/index.ts'
import { type CaseObject, type PolicyCase, type PolicyProbe, UndecidedProbe } from './case.ts'
import { completedObjects, isWorkload, nodeAddresses, podAddresses, releaseOf } from './completed.ts'
import { OUTSIDE, withOutside } from './outside.ts'

/** One end of a packet. */
export interface ProbeEnd {
  /** Namespace of the network. */
  readonly netns: string
  /** Addresses. */
  readonly addresses: readonly string[]
  /** Node it is, or runs on; absent outside. */
  readonly node?: string
}

/** The cluster of a case, with a machine outside. */
export class ProbeCluster {
  /** The network. */
  readonly network: Network
  /** Nodes. */
  readonly nodes: readonly string[]
  private readonly cluster: Cluster
  private readonly objects: readonly CaseObject[]

  /**
   * @param onlyFelixRules - a case speaks of policy alone: no rules of other software
   * @throws InputError when the objects contradict themselves
   */
  constructor(one: PolicyCase, onlyFelixRules = true) {
    this.objects = completedObjects(one)
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: this.objects })
    const version = parseCalicoVersion(releaseOf(one.objects))
    const { resources } = loadResources([{ name: one.id, text }])
    const options = { onlyFelixRules, ...(version === undefined ? {} : { calicoVersion: version }) }
    this.cluster = buildCluster(resources, options)
    this.cluster.findings.assertNoFaults()
    this.nodes = this.cluster.nodes.map(({ name }) => name)
    this.network = this.withOutside(one)
  }

  /** Who is meant by a word of a probe. @throws UndecidedProbe when nobody is */
  end(word: string): ProbeEnd {
    if (word.startsWith('host:')) return this.node(word.slice('host:'.length))
    if (!word.includes('/')) return this.at(word)
    const pod = this.objects.find(
      ({ kind, metadata }) => kind === 'Pod' && `${metadata.namespace ?? 'default'}/${metadata.name}` === word,
    )
    if (pod === undefined) throw new UndecidedProbe(`there is no pod ${word}`)
    const node = pod.spec?.nodeName ?? ''
    return isWorkload(pod) ? { netns: word, addresses: podAddresses(pod), node } : this.node(node)
  }

  /** Node at which a packet is translated: the sender's, or for one from outside that where it comes in. */
  doorOf({ from, to, via }: PolicyProbe): string | undefined {
    const sender = this.end(from)
    return sender.node ?? (via === undefined ? undefined : this.end(via.to).node) ?? this.end(to).node
  }

  /** Address of a node by which its Ethernet reaches it, of the family of another address. */
  nodeAddress(node: string, like: string): string | undefined {
    return this.node(node).addresses.find((one) => one.includes(':') === like.includes(':'))
  }

  private node(name: string): ProbeEnd {
    const node = this.objects.find(({ kind, metadata }) => kind === 'Node' && metadata.name === name)
    if (node === undefined) throw new UndecidedProbe(`there is no node ${name}`)
    const found = this.cluster.nodes.find((one) => one.name === name)
    const own = [found?.ipv4?.address, found?.ipv6?.address].filter((one) => one !== undefined)
    return { netns: name, addresses: own.length > 0 ? own : nodeAddresses(node), node: name }
  }

  /** Whose an address is; that of nobody in the cluster is outside. */
  private at(address: string): ProbeEnd {
    const pod = this.objects.find((one) => isWorkload(one) && podAddresses(one).includes(address))
    if (pod !== undefined) return this.end(`${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}`)
    const node = this.objects.find((one) => one.kind === 'Node' && nodeAddresses(one).includes(address))
    return node === undefined ? { netns: OUTSIDE, addresses: [address] } : this.node(node.metadata.name)
  }

  private withOutside({ probes }: PolicyCase): Network {
    const words = new Set(probes.flatMap(({ from, to }) => [from, to]))
    const ends = [...words].map((word) => this.end(word))
    const addresses = ends.filter(({ netns }) => netns === OUTSIDE).flatMap((end) => end.addresses)
    if (addresses.length === 0) return this.cluster.network
    const inside = new Map<string, string>()
    for (const end of ends) {
      if (end.node === undefined || end.netns === end.node) continue
      for (const address of end.addresses) inside.set(address, end.node)
    }
    return withOutside(this.cluster, { addresses, inside })
  }
}
