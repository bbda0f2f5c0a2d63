import { protocolText } from '../../linux/index.ts'
import type { BackendRef, IptRule, RuleMeaning, ServiceDoor, ServiceRef } from '../../model/index.ts'
import type { Ip } from '../../wire/index.ts'
import { type Chains, chainBehind, commentsOf, type Known, type Meanings, matchOf, refuses } from './known.ts'

/** `ns/name:port` and what follows, as kube-proxy begins its comments. @kubernetes pkg/proxy/iptables/proxier.go */
const SERVICE = /^([a-z0-9.-]+)\/([a-z0-9.-]+)(?::([a-z0-9-]+))?(?: (.*))?$/
const NFPROTO_TCP = 6

/** What rules of a table of kube-proxy stand for, by the names of its chains and the comments that it writes. */
export function kubeProxyMeanings(chains: Chains, known: Known): Meanings {
  const meanings: Meanings = new Map()
  const services = serviceChains(chains)
  for (const [name, { rules }] of Object.entries(chains)) {
    const family = /^KUBE-(SVC|SVL|XLB|SEP|EXT|FW)-/.exec(name)?.[1]
    const service = services.get(name)
    for (const rule of rules) {
      const meaning =
        family === undefined
          ? ofFixedChain(name, rule, services)
          : service === undefined
            ? undefined
            : ofServiceChain(family, rule, rules, service, chains, known)
      if (meaning !== undefined) meanings.set(rule, meaning)
    }
  }
  return meanings
}

/** Which port of which Service each chain belongs to, by the comments of the rules that lead there. */
function serviceChains(chains: Chains): ReadonlyMap<string, ServiceRef> {
  const services = new Map<string, ServiceRef>()
  for (const from of ['KUBE-SERVICES', 'KUBE-NODEPORTS']) {
    for (const rule of Object.hasOwn(chains, from) ? (chains[from]?.rules ?? []) : []) {
      const chain = chainBehind(rule)
      const ref = serviceOf(rule)
      if (chain !== undefined && ref !== undefined && !services.has(chain)) services.set(chain, ref)
    }
  }
  // From the doors inwards: KUBE-EXT and KUBE-FW lead to KUBE-SVC and KUBE-SVL, these to KUBE-SEP.
  const waiting = [...services]
  for (const [name, ref] of waiting) {
    for (const rule of Object.hasOwn(chains, name) ? (chains[name]?.rules ?? []) : []) {
      const chain = chainBehind(rule)
      if (chain === undefined || !/^KUBE-(SVC|SVL|XLB|SEP|EXT|FW)-/.test(chain) || services.has(chain)) continue
      services.set(chain, ref)
      waiting.push([chain, ref])
    }
  }
  return services
}

/** The port of a Service that a rule's comment names. */
function serviceOf(rule: IptRule): ServiceRef | undefined {
  const protocol = matchOf(rule, 'protocol')?.protocol ?? NFPROTO_TCP
  const port = rule.matches.flatMap((match) => ('dport' in match ? (match.dport?.low ?? []) : []))[0] ?? 0
  for (const comment of commentsOf(rule)) {
    const [, namespace, name, portName = ''] = SERVICE.exec(comment) ?? []
    if (namespace === undefined || name === undefined) continue
    return { namespace, name, portName, protocol: protocolText(protocol), port }
  }
  return undefined
}

function doorOf(chain: string, rule: IptRule): ServiceDoor {
  const words = commentsOf(rule).map((comment) => SERVICE.exec(comment)?.[4] ?? '')
  if (chain === 'KUBE-NODEPORTS' || matchOf(rule, 'addrtype') !== undefined) return 'NodePort'
  if (words.some((word) => word.startsWith('external IP'))) return 'ExternalIP'
  return words.some((word) => word.startsWith('loadbalancer IP')) ? 'LoadBalancer' : 'ClusterIP'
}

function ofFixedChain(
  chain: string,
  rule: IptRule,
  services: ReadonlyMap<string, ServiceRef>,
): RuleMeaning | undefined {
  switch (chain) {
    case 'KUBE-SERVICES':
    case 'KUBE-NODEPORTS':
    case 'KUBE-EXTERNAL-SERVICES': {
      const service = serviceOf(rule) ?? services.get(chainBehind(rule) ?? '')
      if (service === undefined) return undefined
      const door = doorOf(chain, rule)
      if (!refuses(rule)) return { kind: 'service', service, door }
      return { kind: 'no-backend', service, door, local: rule.target?.kind === 'DROP' }
    }
    case 'KUBE-POSTROUTING':
      return rule.target?.kind === 'MASQUERADE' ? { kind: 'service-masquerade' } : undefined
    case 'KUBE-PROXY-FIREWALL': {
      const service = serviceOf(rule)
      return service !== undefined && refuses(rule) ? { kind: 'source-range', service } : undefined
    }
    default:
      return undefined
  }
}

function ofServiceChain(
  family: string,
  rule: IptRule,
  rules: readonly IptRule[],
  service: ServiceRef,
  chains: Chains,
  known: Known,
): RuleMeaning | undefined {
  const next = chainBehind(rule)
  if (next === 'KUBE-MARK-MASQ') {
    return {
      kind: 'masquerade-mark',
      service,
      why: family === 'SEP' ? 'hairpin' : family === 'EXT' ? 'external' : 'off-cluster',
    }
  }
  if (rule.target?.kind === 'DNAT') {
    const backend = backendOf(rule, known)
    return backend === undefined ? undefined : { kind: 'service-dnat', service, backend }
  }
  if (next === undefined || !next.startsWith('KUBE-SEP-')) return undefined
  const isByAffinity = (one: IptRule): boolean => one.matches.some(isRecent)
  const choices = rules.filter((one) => chainBehind(one)?.startsWith('KUBE-SEP-') && !isByAffinity(one))
  const backends = choices.flatMap((one) => sepBackend(chainBehind(one)!, chains, known) ?? [])
  const chosen = choices.findIndex((one) => chainBehind(one) === next) + 1
  if (backends.length !== choices.length || chosen === 0) return undefined
  return { kind: 'backend', service, chosen, backends, ...(isByAffinity(rule) ? { affinity: true } : {}) }
}

/** A test of `-m recent`, however far it is modelled. */
function isRecent(match: IptRule['matches'][number]): boolean {
  return (match.kind as string) === 'recent' || (match.kind === 'unsupported' && match.name === 'recent')
}

function sepBackend(chain: string, chains: Chains, known: Known): BackendRef | undefined {
  const rules = Object.hasOwn(chains, chain) ? (chains[chain]?.rules ?? []) : []
  const dnat = rules.find(({ target }) => target?.kind === 'DNAT')
  return dnat === undefined ? undefined : backendOf(dnat, known)
}

function backendOf({ target }: IptRule, known: Known): BackendRef | undefined {
  if (target?.kind !== 'DNAT' || target.range.minAddress === undefined) return undefined
  const address: Ip = target.range.minAddress
  return { address, port: target.range.minPort ?? 0, ...known.podAt(address) }
}
