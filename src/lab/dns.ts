import type { Cluster } from '../control/index.ts'
import { buildDnsAnswer, buildDnsQuery, DNS_PORT, DNS_TYPE, type DnsQuestion, type Ip, parseIp } from '../wire/index.ts'

/** What is asked of a name server, and what the one that is assumed answers. */
export interface AssumedDns {
  /** The question. */
  readonly question: DnsQuestion
  /** The address it answers; undefined: that it knows no such name. */
  readonly address: Ip | undefined
}

/** The name that every cluster's DNS knows: that of its API server. */
const API_SERVER = { namespace: 'default', name: 'kubernetes' } as const

/** Its address where the input has no such Service: the first of kubeadm's Service range. */
const USUAL_ADDRESS = '10.96.0.1'

/** How long an answer of CoreDNS holds, in seconds. */
const TTL = 30

/**
 * What a datagram to port 53 asks, unless its size was said.
 * @param isOutside - the server is none of the cluster: it knows no names of it
 */
export function assumedDns(cluster: Cluster | null, port: number, isOutside: boolean): AssumedDns | undefined {
  if (port !== DNS_PORT) return undefined
  const service = cluster?.resources.services?.find(
    ({ metadata }) => metadata.name === API_SERVER.name && metadata.namespace === API_SERVER.namespace,
  )
  const address = parseIp(service?.spec.clusterIP ?? '') ?? parseIp(USUAL_ADDRESS)
  const type = address?.includes(':') === true ? DNS_TYPE.AAAA : DNS_TYPE.A
  const question = { name: `${API_SERVER.name}.${API_SERVER.namespace}.svc.cluster.local`, type }
  return { question, address: isOutside ? undefined : address }
}

/** The question as a message. */
export function dnsQuery(id: number, { question }: AssumedDns): Uint8Array {
  return buildDnsQuery(id, question)
}

/** What the assumed server sends back: an answer to a question, anything else as it came. */
export function dnsServer({ address }: AssumedDns): (request: Uint8Array) => Uint8Array {
  return (request) => buildDnsAnswer(request, address, TTL) ?? request
}

/** What is assumed of the answer, for the note on the server. */
export function dnsAssumption({ question, address }: AssumedDns): string {
  return ` and answers ${question.name} with ${address ?? '"no such name"'}`
}
