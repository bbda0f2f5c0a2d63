import type { Cluster } from '../control/index.ts'
import { DNS_PORT, type Ip, parseIp } from '../wire/index.ts'
import type { Host } from './host.ts'
import type { Run } from './run.ts'

/** What became of a name. */
export type Resolved =
  | { readonly address: Ip; readonly remark?: string }
  /** Nobody knows it, or the name server did not answer. */
  | { readonly why: string; readonly run?: Run }

/** Names that Services of a cluster's DNS usually have. */
const NAME_SERVERS = ['kube-dns', 'coredns', 'rke2-coredns-rke2-coredns'] as const

/**
 * The address behind a name, as a resolver where it is typed finds it: in a pod by the search path of its namespace, and only if
 * the cluster's name server answers; names of pods and nodes are taken everywhere, as by ping.
 * @param isTold - the name server is told by the user: it is asked from a node, too, for whole names
 */
export function resolveName(host: Host, name: string, isTold = false): Resolved {
  const literal = parseIp(name)
  if (literal !== undefined) return { address: literal }
  const here = host.lab.network.namespaces
  const isKnown = Object.keys(here).some((one) => one === name || one.endsWith(`/${name}`) || `node/${one}` === name)
  if (isKnown) {
    const { address } = host.lab.endpoint(name)
    if (address !== undefined) return { address }
  }
  if (host.model.role !== 'pod' && !(isTold && /\.svc\.cluster\.local\.?$/.test(name)))
    return { why: `"${name}": a node does not ask the cluster's DNS; names of pods and nodes, and addresses are known` }
  const addresses = addressesOf(host, name)
  if (addresses === undefined) return { why: `"${name}" is no name of this cluster` }
  const [address, ...others] = addresses
  if (address === undefined) return { why: `"${name}" has no address: no endpoint of the headless Service is ready` }
  const found = asked(host, address)
  if (others.length === 0 || 'why' in found) return found
  const several = `"${name}" is a headless Service: DNS gives ${addresses.length} addresses in any order, the first that was asked is ${address}`
  return { ...found, remark: [found.remark, several].filter((one) => one !== undefined).join('; ') }
}

/** Addresses of `NAME`, `NAME.NAMESPACE`, `NAME.NAMESPACE.svc[.cluster.local]`; undefined where it is no Service with addresses of its own. */
function addressesOf(host: Host, text: string): readonly Ip[] | undefined {
  const [own = ''] = host.netns.split('/')
  const labels = text
    .replace(/\.$/, '')
    .replace(/\.cluster\.local$/, '')
    .split('.')
  const [name = '', namespace = own, suffix, ...more] = labels
  if (more.length > 0 || (suffix !== undefined && suffix !== 'svc')) return undefined
  const { cluster } = host.lab
  const service = cluster?.resources.services.find(
    ({ metadata }) => metadata.name === name && (metadata.namespace ?? 'default') === namespace,
  )
  if (cluster === null || service === undefined || service.spec.type === 'ExternalName') return undefined
  return cluster.dnsAddresses(service)
}

/** The address of the cluster's DNS. */
export function nameServer(cluster: Cluster | null): Ip | undefined {
  const server = cluster?.resources.services.find(
    ({ metadata }) => metadata.namespace === 'kube-system' && NAME_SERVERS.some((one) => one === metadata.name),
  )
  return parseIp(server?.spec.clusterIP ?? '')
}

/** The answer, if the question comes through. */
function asked(host: Host, address: Ip): Resolved {
  const at = nameServer(host.lab.cluster)
  if (at === undefined)
    return { address, remark: "assumed: the cluster's DNS answers (the input has no Service kube-system/kube-dns)" }
  const run = host.lab.udp(host.netns, at, DNS_PORT)
  if (run.ok || run.certainty === 'undecided') return { address }
  return { why: `the cluster's DNS (${at}:${DNS_PORT}) does not answer: ${run.trace.summary} (why shows the way)`, run }
}
