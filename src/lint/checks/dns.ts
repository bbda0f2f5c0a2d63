import { judgeEndpoint, type PolicySpec, parsePort, protocolMatch, type ServiceResource } from '../../control/index.ts'
import { pushTo } from '../../model/index.ts'
import { DNS_PORT, familyOf, IP_PROTOCOL, type Ip } from '../../wire/index.ts'
import type { LintFacts } from '../facts.ts'
import { found, type LintFinding } from '../finding.ts'
import type { PodClass } from '../pod-classes.ts'

/** Where a cache on every node answers, if there is one. @kubernetes cluster/addons/dns/nodelocaldns */
const NODE_LOCAL = '169.254.20.10' as Ip
const NODE_LOCAL_NAME = 'node-local-dns'

/** Whether pods whose egress policies isolate may ask for names. */
export function dnsChecks(facts: LintFacts): LintFinding[] {
  const isolated = facts.classes().filter((one) => egressOf(facts, one).length > 0)
  if (isolated.length === 0) return []
  const server = serverOf(facts)
  const cache = cacheOf(facts)
  const denied = new Map<string, PodClass[]>()
  const uncached = new Map<string, PodClass[]>()
  for (const one of isolated) {
    const key = egressOf(facts, one).map(({ resource }) => `${resource.metadata.namespace} ${resource.metadata.name}`)
    if (isDenied(facts, one, server)) pushTo(denied, key.join(), one)
    else if (cache && !asks(facts, one, NODE_LOCAL, DNS_PORT)) pushTo(uncached, key.join(), one)
  }
  const port = 'DNS is asked at UDP 53: no Service of DNS is among the objects'
  return [
    ...[...denied.values()].map((those) => finding(facts, 'dns-not-allowed', those, server ? undefined : port)),
    ...[...uncached.values()].map((those) =>
      finding(facts, 'node-local-dns-not-allowed', those, `the cache answers at ${NODE_LOCAL}`),
    ),
  ]
}

function egressOf(facts: LintFacts, one: PodClass): readonly PolicySpec[] {
  return facts.selecting(one).filter(({ directions }) => directions.includes('egress'))
}

function finding(
  facts: LintFacts,
  name: 'dns-not-allowed' | 'node-local-dns-not-allowed',
  classes: readonly PodClass[],
  assumed: string | undefined,
): LintFinding {
  const [first] = classes
  const count = classes.reduce((sum, { pods }) => sum + pods.length, 0)
  const policies = egressOf(facts, first!).map(({ resource }) => ({ resource }))
  const as = `${count} ${count === 1 ? 'pod' : 'pods'}, as ${first!.sample.netns}`
  return found(name, policies, `${as}, may not ask for names`, assumed)
}

/** Where names are asked. */
interface Server {
  readonly address: Ip
  readonly port: number
}

/** An endpoint of the cluster's DNS; undefined where no Service of it is among the objects, or it has none. */
function serverOf({ resources, cluster }: LintFacts): Server | undefined {
  const isDns = ({ metadata }: ServiceResource): boolean =>
    metadata.namespace === 'kube-system' &&
    (metadata.labels?.['k8s-app'] === 'kube-dns' || /^(kube-dns|coredns|.*-coredns)$/.test(metadata.name))
  const service = resources.services.find(isDns)
  if (service === undefined) return undefined
  for (const { service: port, endpoints } of cluster.serviceEndpoints(service)) {
    const [endpoint] = endpoints
    if (port.protocol.toLowerCase() === 'udp' && endpoint !== undefined) return endpoint
  }
  return undefined
}

function cacheOf({ resources }: LintFacts): boolean {
  return resources.daemonSets.some(({ metadata }) => metadata.name === NODE_LOCAL_NAME)
}

function isDenied(facts: LintFacts, one: PodClass, server: Server | undefined): boolean {
  return server === undefined ? forgets(egressOf(facts, one)) : !asks(facts, one, server.address, server.port)
}

/** Whether policies let a pod of a class send a question there. */
function asks(facts: LintFacts, { sample }: PodClass, destination: Ip, destinationPort: number): boolean {
  const { policies } = facts.cluster
  const own = policies.of(sample.node).workloads.find(({ netns }) => netns === sample.netns)
  const source = sample.addresses.find((address) => familyOf(address) === familyOf(destination))
  if (own === undefined || source === undefined) return true
  const packet = { source, destination, protocol: IP_PROTOCOL.UDP, sourcePort: 40_000, destinationPort }
  const question = { tiers: own.tiers, profiles: own.profiles, direction: 'egress' } as const
  return judgeEndpoint(question, packet, (id, family) => policies.set(id, family)).verdict === 'allow'
}

/** Whether no rule could let a question out, wherever DNS is. */
function forgets(policies: readonly PolicySpec[]): boolean {
  return !policies.some(({ egress }) =>
    egress.some(({ rule }) => {
      if (rule.action === 'Pass') return true
      if (rule.action !== 'Allow') return false
      const protocol = rule.protocol === undefined ? undefined : protocolMatch(rule.protocol)?.number
      if (protocol !== undefined && protocol !== IP_PROTOCOL.UDP) return false
      const ports = rule.destination?.ports ?? []
      return ports.length === 0 || ports.some(isDnsPort)
    }),
  )
}

function isDnsPort(port: number | string): boolean {
  const parsed = parsePort(port)
  if (typeof parsed === 'string') return false
  return 'name' in parsed || (parsed.range.low <= DNS_PORT && DNS_PORT <= parsed.range.high)
}
