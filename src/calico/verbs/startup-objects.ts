import { KUBEADM_CONFIG, type PodSubnets, podSubnetsOf, type StoredNode } from '../../control/index.ts'
import { type Family, familyOf, type Ip, type Prefix, parseCidr, parseIp, parsePrefix } from '../../wire/index.ts'
import { fieldsOf, listOf, type RawObject, textOf, textsOf } from '../raw-objects.ts'

/** Nodes as Calico stores them: annotations of a Kubernetes Node, or the spec of Calico's own. */
export function storedNodes(objects: readonly RawObject[]): StoredNode[] {
  return nodesIn(objects).map((node) => {
    const bgp = fieldsOf(node.spec['bgp'])
    const of = (family: Family): string | undefined => {
      const text = node.annotations[`projectcalico.org/IPv${family}Address`] ?? textOf(bgp[`ipv${family}Address`])
      const address = parseCidr(text ?? '')?.address ?? parseIp(text ?? '')
      // What is no address of the family counts as absent.
      return address !== undefined && familyOf(address) === family ? text : undefined
    }
    const [ipv4, ipv6] = [of(4), of(6)]
    return {
      name: node.name,
      addresses: { ...(ipv4 === undefined ? {} : { 4: ipv4 }), ...(ipv6 === undefined ? {} : { 6: ipv6 }) },
      interfaces: interfacesOf(node),
    }
  })
}

function nodesIn(objects: readonly RawObject[]): RawObject[] {
  return objects.filter(({ kind }) => kind === 'Node')
}

function interfacesOf(node: RawObject): NonNullable<StoredNode['interfaces']> {
  const text = node.annotations['projectcalico.org/Interfaces']
  const list = text === undefined ? node.spec['interfaces'] : parsed(text)
  return listOf(list).map((one) => {
    const { name, addresses } = fieldsOf(one)
    return { name: textOf(name) ?? '', addresses: listOf(addresses).flatMap((address) => textOf(address) ?? []) }
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The internal addresses of a Kubernetes Node; undefined: there is none of this name. */
export function internalIpsOf(objects: readonly RawObject[], name: string): Ip[] | undefined {
  const node = nodesIn(objects).find((one) => one.name === name && !one.apiVersion.includes('projectcalico.org'))
  if (node === undefined) return undefined
  return listOf(node.status['addresses']).flatMap((one) => {
    const { type, address } = fieldsOf(one)
    return type === 'InternalIP' ? (parseIp(textOf(address) ?? '') ?? []) : []
  })
}

/** The ranges of kubeadm; undefined without its ConfigMap. */
export function podSubnetsIn(objects: readonly RawObject[]): PodSubnets | undefined {
  const map = objects.find(({ kind, name }) => kind === 'ConfigMap' && name === KUBEADM_CONFIG)
  return map && podSubnetsOf({ data: textsOf(map.value['data']) })
}

/** Pools that are there. */
export function poolsIn(objects: readonly RawObject[]): { readonly name: string; readonly cidr: string }[] {
  return objects
    .filter(({ kind }) => kind === 'IPPool')
    .map(({ name, spec }) => ({ name, cidr: textOf(spec['cidr']) ?? '' }))
}

/** Blocks that are there. */
export function blocksIn(objects: readonly RawObject[]): Prefix[] {
  const blocks = objects.filter(({ kind }) => kind === 'IPAMBlock')
  return blocks.flatMap(({ spec }) => parsePrefix(textOf(spec['cidr']) ?? '') ?? [])
}
