// What `packetwalk policy` says without a packet is what packets meet: the 252 clusters whose outcomes are known, judged by the model.
import { describe, expect, it } from 'vitest'
import {
  buildCluster,
  type Cluster,
  type PolicyPacket,
  parentInterface,
  parseCalicoVersion,
} from '../../src/control/index.ts'
import { loadResources } from '../../src/input/index.ts'
import { type FlowEnd, wayOf } from '../../src/lab/policy/way.ts'
import type { PolicyCase, PolicyProbe } from '../../src/lab/probes/case.ts'
import { completedObjects, releaseOf } from '../../src/lab/probes/completed.ts'
import { familyOf, type Ip, isIpv4, parseIp } from '../../src/wire/index.ts'
import { policyCases } from '../support/policy-cases.ts'

const CASES = policyCases() as unknown as readonly (Omit<PolicyCase, 'probes'> & {
  readonly probes: readonly (PolicyProbe & { readonly expect: string })[]
})[]
const SUITES = [...new Set(CASES.map(({ id }) => id.split('/')[0]!))]
const NUMBERS: Readonly<Record<string, number>> = { TCP: 6, UDP: 17, SCTP: 132, ICMP: 1, ICMPv6: 58, UDPLite: 136 }

/** What the connection table says is no matter of the model: only the first packets of connections. */
const isFirst = ({ state = 'new' }: PolicyProbe): boolean => state === 'new'

function clusterOf(one: PolicyCase): Cluster {
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: completedObjects(one) })
  const version = parseCalicoVersion(releaseOf(one.objects))
  return buildCluster(
    loadResources([{ name: one.id, text }]).resources,
    version === undefined ? {} : { calicoVersion: version },
  )
}

interface End {
  readonly end: FlowEnd
  readonly addresses: readonly Ip[]
}

class World {
  readonly cluster: Cluster

  constructor(one: PolicyCase) {
    this.cluster = clusterOf(one)
  }

  verdict(probe: PolicyProbe): string {
    const [from, to] = [this.end(probe.from), this.end(probe.to)]
    const via = probe.via === undefined ? undefined : parseIp(probe.via.to)
    const source = from.addresses.find((one) => to.addresses.some((other) => familyOf(one) === familyOf(other)))!
    const destination = to.addresses.find((one) => familyOf(one) === familyOf(source))!
    const ports =
      probe.port === undefined ? {} : { sourcePort: probe.sourcePort ?? 50_000, destinationPort: probe.port }
    const packet: PolicyPacket = {
      source,
      destination,
      protocol: typeof probe.protocol === 'number' ? probe.protocol : NUMBERS[probe.protocol]!,
      ...ports,
      ...(probe.icmpType === undefined ? {} : { icmp: { type: probe.icmpType, code: probe.icmpCode ?? 0 } }),
    }
    const sent = via === undefined ? packet : { ...packet, destination: via, destinationPort: probe.via!.port }
    const door = via === undefined ? to : this.at(via)
    const first = nodeOf(from.end) ?? nodeOf(door.end) ?? nodeOf(to.end)
    const last = nodeOf(to.end) ?? first
    const { allowed } = wayOf({
      book: this.cluster.policies,
      nodes: this.cluster.nodes,
      from: from.end,
      to: to.end,
      stops: [...new Set([first, last])].flatMap((node) =>
        node === undefined ? [] : [{ node, came: node === first ? sent : packet, seen: packet }],
      ),
      deviceOf: (node) => {
        const machine = this.cluster.nodes.find(({ name }) => name === node)!
        return parentInterface(machine, isIpv4(destination) ? 4 : 6)?.name ?? ''
      },
    })
    return allowed ? 'allow' : 'deny'
  }

  private end(word: string): End {
    if (word.startsWith('host:')) return this.node(word.slice('host:'.length))
    if (!word.includes('/')) return this.at(parseIp(word)!)
    const pod = this.cluster.workloadEndpoints.find(({ netns }) => netns === word)
    if (pod !== undefined) return { end: { kind: 'pod', netns: word, node: pod.node }, addresses: pod.addresses }
    const object = this.cluster.resources.pods.find(
      ({ metadata }) => `${metadata.namespace ?? 'default'}/${metadata.name}` === word,
    )
    return this.node(object?.spec.nodeName ?? '')
  }

  private node(name: string): End {
    const node = this.cluster.nodes.find((one) => one.name === name)!
    const addresses = [node.ipv4?.address, node.ipv6?.address].filter((one) => one !== undefined)
    return { end: { kind: 'host', node: name }, addresses }
  }

  private at(address: Ip): End {
    const pod = this.cluster.workloadEndpoints.find(({ addresses }) => addresses.includes(address))
    if (pod !== undefined) return this.end(pod.netns)
    const node = this.cluster.nodes.find(({ ipv4, ipv6 }) => [ipv4?.address, ipv6?.address].includes(address))
    return node === undefined ? { end: { kind: 'outside' }, addresses: [address] } : this.node(node.name)
  }
}

function nodeOf(end: FlowEnd): string | undefined {
  return end.kind === 'outside' ? undefined : end.node
}

describe('the model and packets agree', () => {
  it.each(SUITES)('%s', (suite) => {
    const wrong = CASES.filter(({ id }) => id.startsWith(`${suite}/`)).flatMap((one) => {
      const world = new World(one)
      return one.probes
        .filter((probe) => isFirst(probe) && world.verdict(probe) !== probe.expect)
        .map((probe) => [one.id, probe])
    })
    expect(wrong).toEqual([])
  })

  it('asks about many packets', () => {
    expect(CASES.flatMap(({ probes }) => probes.filter(isFirst)).length).toBeGreaterThan(2000)
  })
})
