// The clusters of test/fixtures/policy (its README.md says what a case holds), built, with a machine outside, and asked.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync } from 'node:zlib'
import { Lab } from '../../src/lab/index.ts'
import { cable, iface, type Namespace, Network, namespace } from '../../src/model/index.ts'
import { TcpServer } from '../../src/programs/index.ts'
import type { Run } from '../../src/shell/index.ts'
import type { Ip } from '../../src/wire/index.ts'

/** A flow, and whether Calico lets it pass. */
export interface Probe {
  readonly from: string
  readonly to: string
  readonly protocol: string | number
  readonly port: number
  readonly sourcePort?: number
  readonly via?: { readonly to: string; readonly port: number }
  readonly expect: 'allow' | 'deny'
}

/** An object of a case; only what is filled in here is named. */
interface CaseObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; annotations?: Record<string, string> }
  readonly spec?: { nodeName?: string; readonly hostNetwork?: boolean; readonly [field: string]: unknown }
  readonly status?: {
    readonly podIP?: string
    readonly addresses?: readonly { readonly type: string; readonly address: string }[]
  }
}

/** A cluster and flows through it. */
export interface PolicyCase {
  readonly id: string
  readonly features: readonly string[]
  readonly objects: readonly CaseObject[]
  readonly probes: readonly Probe[]
}

/** All cases. */
export function policyCases(): PolicyCase[] {
  const file = fileURLToPath(new URL('../fixtures/policy/cases.jsonl.br', import.meta.url))
  const lines = brotliDecompressSync(readFileSync(file)).toString().trim().split('\n')
  return lines.map((line) => JSON.parse(line) as PolicyCase)
}

const TWO_NODES: readonly CaseObject[] = ['n1', 'n2'].map((name, i) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address: `172.31.7.${11 + i}` }] },
}))

const isSix = (address: string): boolean => address.includes(':')
const isOutside = (end: string): boolean => !end.includes('/') && !end.startsWith('host:')

/** The objects with what they leave open: nodes, where pods run, pools, and IPv6 on the nodes where pods have it. */
function completed({ objects: given }: PolicyCase): CaseObject[] {
  const objects = structuredClone(given) as CaseObject[]
  if (!objects.some(({ kind }) => kind === 'Node')) objects.push(...structuredClone(TWO_NODES))
  const nodes = objects.filter(({ kind }) => kind === 'Node')
  const pods = objects.filter(({ kind }) => kind === 'Pod')
  for (const [i, { spec }] of pods.entries())
    if (spec !== undefined) spec.nodeName ??= nodes[i % nodes.length]!.metadata.name
  const addresses = pods.flatMap(({ spec, status }) => (spec?.hostNetwork === true ? [] : (status?.podIP ?? [])))
  if (addresses.some(isSix)) {
    for (const [i, { metadata, status }] of nodes.entries()) {
      const address = status?.addresses?.find(({ type }) => type === 'InternalIP')?.address
      metadata.annotations = {
        'projectcalico.org/IPv4Address': `${address}/24`,
        'projectcalico.org/IPv6Address': `fd0e::${i + 11}/64`,
      }
    }
  }
  const ranges = new Set(
    addresses.map((a) => (isSix(a) ? a.replace(/::.*/, '::/64') : a.replace(/\.\d+\.\d+$/, '.0.0/16'))),
  )
  const pools = [...ranges].map((cidr, i) => ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'IPPool',
    metadata: { name: `pool-${i}` },
    spec: { cidr },
  }))
  return [...objects, ...pools]
}

/** A cluster of a case. */
export class PolicyCluster {
  readonly lab: Lab
  private readonly objects: readonly CaseObject[]
  private readonly nodes: readonly string[]

  constructor(one: PolicyCase) {
    this.objects = completed(one)
    this.nodes = this.objects.flatMap(({ kind, metadata }) => (kind === 'Node' ? [metadata.name] : []))
    this.lab = Lab.load(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: this.objects }))
    const outside = new Set(one.probes.flatMap(({ from, to }) => [from, to]).filter(isOutside))
    if (outside.size > 0) this.plugOutside([...outside])
    for (const probe of one.probes) if (probe.via !== undefined) this.translate(probe.via, probe)
  }

  /** Sends what a probe is about; a protocol that no program speaks goes as a ping, or as TCP where it has ports. */
  ask(probe: Probe): Run {
    const from = isOutside(probe.from) ? 'outside' : this.end(probe.from)
    const source = isOutside(probe.from) ? { source: probe.from as Ip } : {}
    const options = { ...source, ...(probe.sourcePort === undefined ? {} : { sourcePort: probe.sourcePort }) }
    const to = probe.via?.to ?? this.end(probe.to)
    if (probe.protocol === 'UDP' || probe.protocol === 'UDPLite') return this.lab.udp(from, to, probe.port, options)
    if (probe.protocol !== 'TCP' && probe.protocol !== 'SCTP') return this.lab.ping(from, to, source)
    if (probe.via === undefined) return this.lab.tcp(from, to, probe.port, options)
    const there = this.lab.simulation.netns(this.end(probe.to))
    const server = new TcpServer(there, { family: 'inet', port: probe.port, request: 64, reply: 64 })
    server.start()
    const run = this.lab.tcp(from, to, probe.via.port, { ...options, server: false })
    server.exit(0)
    return run
  }

  private end(name: string): string {
    if (name.startsWith('host:')) return `node/${name.slice('host:'.length)}`
    const pod = this.podOf(name)
    return pod?.spec?.hostNetwork === true ? `node/${pod.spec.nodeName}` : name
  }

  private podOf(name: string): CaseObject | undefined {
    return this.objects.find(
      ({ kind, metadata }) => kind === 'Pod' && `${metadata.namespace ?? 'default'}/${metadata.name}` === name,
    )
  }

  private type(where: string, line: string): void {
    const done = this.lab.sh(where, line)
    if (!done.ok && !done.outcome.includes('File exists')) throw new Error(`${where}$ ${line}: ${done.outcome}`)
  }

  /** A machine behind the router that has these addresses; all of them know the way. */
  private plugOutside(addresses: readonly string[]): void {
    const { namespaces, wires, shared } = this.lab.network
    const router = namespaces['router'] as Namespace
    const dmz0 = iface({ name: 'dmz0', mac: '02:00:00:00:aa:01', ifindex: 99 })
    const outside = namespace('outside', {
      role: 'external',
      interfaces: [{ name: 'eth0', mac: '02:00:00:00:aa:02' }],
    })
    this.lab.setNetwork(
      new Network({
        namespaces: { ...namespaces, router: { ...router, interfaces: { ...router.interfaces, dmz0 } }, outside },
        wires: [...wires, cable(['router', 'dmz0'], ['outside', 'eth0'])],
        shared,
      }),
    )
    for (const address of ['100.127.0.1/30', 'fd0f::1/64', 'fe80::1/64'])
      this.type('router', `ip addr add ${address} dev dmz0`)
    for (const address of ['100.127.0.2/30', 'fd0f::2/64', 'fe80::2/64', ...addresses])
      this.type('outside', `ip addr add ${address} dev eth0`)
    this.type('outside', 'ip route add default via 100.127.0.1')
    this.type('outside', 'ip -6 route add default via fd0f::1')
    const gateways = router.interfaces['eth0']?.addresses ?? []
    for (const address of addresses) {
      const six = isSix(address)
      const gateway = gateways.find(({ local, scope }) => isSix(local) === six && scope === 'global')?.local
      this.type('router', `ip ${six ? '-6 ' : ''}route add ${address} via ${six ? 'fd0f::2' : '100.127.0.2'}`)
      for (const node of this.nodes) this.type(node, `ip ${six ? '-6 ' : ''}route add ${address} via ${gateway}`)
    }
    for (const { kind, spec, status } of this.objects) {
      const node = spec?.nodeName === undefined ? undefined : this.lab.endpoint(`node/${spec.nodeName}`)
      if (kind !== 'Pod' || spec?.hostNetwork === true || status?.podIP === undefined || node === undefined) continue
      const six = isSix(status.podIP)
      const via = node.addresses.find((one) => isSix(one) === six)
      this.type('router', `ip ${six ? '-6 ' : ''}route add ${status.podIP} via ${via}`)
    }
  }

  /** What kube-proxy would do for a node port or a cluster address, on every node; a pod that calls itself is masqueraded. */
  private translate(via: { readonly to: string; readonly port: number }, { to, port }: Probe): void {
    const address = this.podOf(to)?.status?.podIP
    for (const node of this.nodes) {
      const rule = `-d ${via.to} -p tcp --dport ${via.port} -j DNAT --to-destination ${address}:${port}`
      this.type(node, `iptables -t nat -I PREROUTING ${rule}`)
      this.type(node, `iptables -t nat -I OUTPUT ${rule}`)
      this.type(node, `iptables -t nat -I POSTROUTING -s ${address} -d ${address} -j MASQUERADE`)
    }
  }
}
