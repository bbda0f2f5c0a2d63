import { isIpv6, parseIp } from '../../wire/index.ts'
import type { CaseObject, PolicyCase } from './case.ts'

/** The node that pods without one run on. */
const MADE_UP_NODE = 'packetwalk-node'

/** Where the made-up node may live: the first range in which nobody of the case has an address. */
const RANGES = ['10.255.254', '172.31.254', '192.168.254', '100.127.254'] as const

/** Kinds that only Calico v3.29 to v3.31 reads. */
const V1ALPHA1: ReadonlySet<string> = new Set(['AdminNetworkPolicy', 'BaselineAdminNetworkPolicy'])

/** Addresses a pod has in its status. */
export function podAddresses({ status }: CaseObject): string[] {
  const all = [status?.podIP, ...(status?.podIPs ?? []).map(({ ip }) => ip)]
  return [...new Set(all.filter((address) => address !== undefined))]
}

/** Internal addresses of a node. */
export function nodeAddresses({ status }: CaseObject): string[] {
  return (status?.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address)
}

/** Whether an object is a pod with a network of its own. */
export function isWorkload({ kind, spec }: CaseObject): boolean {
  return kind === 'Pod' && spec?.hostNetwork !== true
}

/** The release the objects of a case are for. */
export function releaseOf(objects: readonly CaseObject[]): string {
  return objects.some(({ kind }) => V1ALPHA1.has(kind)) ? 'v3.31.0' : 'v3.32.1'
}

/** Addresses that are spoken of anywhere in a case. */
function spokenOf({ objects, probes }: PolicyCase): string[] {
  const ends = probes.flatMap(({ from, to, via }) => [from, to, via?.to ?? ''])
  return [...objects.flatMap((one) => [...podAddresses(one), ...nodeAddresses(one)]), ...ends]
}

/**
 * The objects of a case with what they leave open: a node for pods without one, pools that hold the addresses of the pods, and
 * IPv6 on nodes where pods have it.
 */
export function completedObjects(one: PolicyCase): CaseObject[] {
  const isHomeless = (object: CaseObject): boolean => object.kind === 'Pod' && object.spec?.nodeName === undefined
  const hasNode = one.objects.some(({ kind }) => kind === 'Node')
  const used = spokenOf(one)
  const range = RANGES.find((net) => !used.some((address) => address.startsWith(`${net}.`))) ?? RANGES[0]
  const homeless = one.objects.some(isHomeless) || !hasNode
  const objects = one.objects.map((object): CaseObject => {
    if (!isHomeless(object)) return object
    const home = object.spec?.hostNetwork === true ? ownerOf(one.objects, object.status?.podIP) : undefined
    return { ...object, spec: { ...object.spec, nodeName: home ?? MADE_UP_NODE } }
  })
  if (homeless) objects.push(madeUpNode(`${range}.11`))
  const workloads = objects.filter(isWorkload).flatMap(podAddresses)
  const six = [...workloads, ...one.probes.flatMap(({ from, to }) => [from, to])].some(isIpv6Text)
  const nodes = objects.filter(({ kind }) => kind === 'Node')
  const whole = six ? objects.map((object) => withIpv6(object, nodes.indexOf(object))) : objects
  return [...withDrop(whole), ...poolsFor(workloads, one.objects)]
}

/** A pod may not reach its own node unless the objects say so: as Felix decides by itself, without the word of a manifest. */
function withDrop(objects: readonly CaseObject[]): CaseObject[] {
  const isFelix = ({ kind, metadata }: CaseObject): boolean =>
    kind === 'FelixConfiguration' && metadata.name === 'default'
  const drop = { defaultEndpointToHostAction: 'Drop' }
  if (objects.some(isFelix))
    return objects.map((one) => (isFelix(one) ? { ...one, spec: { ...drop, ...one.spec } } : one))
  const made = {
    apiVersion: 'projectcalico.org/v3',
    kind: 'FelixConfiguration',
    metadata: { name: 'default' },
    spec: drop,
  }
  return [...objects, made]
}

/** Whether a word is an IPv6 address. */
export function isIpv6Text(text: string): boolean {
  const address = parseIp(text)
  return address !== undefined && isIpv6(address)
}

/** Node that has an address. */
function ownerOf(objects: readonly CaseObject[], address: string | undefined): string | undefined {
  const owner = objects.find((one) => one.kind === 'Node' && nodeAddresses(one).some((own) => own === address))
  return owner?.metadata.name
}

function madeUpNode(address: string): CaseObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: MADE_UP_NODE },
    status: { addresses: [{ type: 'InternalIP', address }] },
  }
}

/** A node with an IPv6 address beside the one it has. */
function withIpv6(object: CaseObject, number: number): CaseObject {
  const own = nodeAddresses(object)
  if (object.kind !== 'Node' || own.some(isIpv6Text) || own.length === 0) return object
  const annotations = {
    ...object.metadata.annotations,
    'projectcalico.org/IPv4Address': `${own[0]}/24`,
    'projectcalico.org/IPv6Address': `fd0e::${(number + 0x11).toString(16)}/64`,
  }
  return { ...object, metadata: { ...object.metadata, annotations } }
}

/** Pools without tunnel and translation that hold these addresses; none where the objects have pools. */
function poolsFor(addresses: readonly string[], objects: readonly CaseObject[]): CaseObject[] {
  if (objects.some(({ kind }) => kind === 'IPPool')) return []
  const ranges = new Set(addresses.map(rangeOf))
  return [...ranges].map((cidr, i) => ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'IPPool',
    metadata: { name: `pool-${i}` },
    spec: { cidr, ipipMode: 'Never', vxlanMode: 'Never', natOutgoing: false },
  }))
}

/** The /24 or /64 an address lies in. */
function rangeOf(address: string): string {
  if (!isIpv6Text(address)) return address.replace(/\.\d+$/, '.0/24')
  const [head = '', tail = ''] = address.split('::')
  const groups = head.split(':')
  const missing = 8 - groups.length - (tail === '' ? 0 : tail.split(':').length)
  const whole = address.includes('::') ? [...groups, ...Array<string>(missing).fill('0')] : groups
  return `${whole.slice(0, 4).join(':')}::/64`
}
