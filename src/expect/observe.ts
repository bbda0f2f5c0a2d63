import type { Expectation, ExpectedPath } from '../input/index.ts'
import type { Lab } from '../lab/index.ts'
import { describeFinding, type NetworkData, type PolicyRef } from '../model/index.ts'
import type { Run } from '../shell/index.ts'
import {
  type Decision,
  decisionsOf,
  describeDecision,
  hopsOf,
  isDenial,
  serviceName,
  type Trace,
  type TracePacket,
} from '../trace/index.ts'
import { confidenceOf } from './confidence.ts'
import type { Observation } from './report.ts'

/** What is asked of a flow. */
export type Asked = Pick<Expectation, 'port' | 'protocol' | 'size'>

/** Sends what an expectation is about, and reads what came of it. The lab is not put back. */
export function observed(lab: Lab, from: string, to: string, asked: Asked): Observation {
  const open = openBackends(lab, from, to, asked)
  const seen = readObservation(lab, send(lab, from, to, asked).trace)
  if (open === undefined || seen.verdict === 'undecided') return seen
  return { ...seen, verdict: 'undecided', why: open, confidence: { kind: 'undecided', of: [open] } }
}

/** A ping, a connection or a datagram. */
export function send(lab: Lab, from: string, to: string, { port, protocol, size }: Asked): Run {
  if (port === undefined) return lab.ping(from, to, size === undefined ? {} : { size })
  const numbered = lab.port(to, port, protocol)
  if (numbered.protocol === 'udp') return lab.udp(from, to, numbered.number, size === undefined ? {} : { size })
  return lab.tcp(from, to, numbered.number, size === undefined ? {} : { request: size })
}

/** Why one packet does not tell what becomes of a flow to a Service: policies treat its endpoints differently. */
function openBackends(lab: Lab, from: string, to: string, asked: Asked): string | undefined {
  if (lab.cluster === null || asked.port === undefined || !to.startsWith('svc/')) return undefined
  const { port, protocol } = asked
  const report = lab.policy({ from, to, port, ...(protocol === undefined ? {} : { protocol }) })
  const verdicts = new Set(report.flows.map(({ verdict }) => verdict))
  if (verdicts.size < 2) return undefined
  const denied = report.flows.filter(({ verdict }) => verdict === 'denied').map(({ destination }) => destination)
  return `${report.why}: policy denies ${denied.join(', ')}`
}

function readObservation(lab: Lab, trace: Trace): Observation {
  const { network } = lab
  const request = trace.packets.find(({ id }) => id === trace.exchanges[0]?.request)
  const decisions = decisionsOf(trace)
  const nodes = request === undefined ? [] : request.path.filter((name) => roleOf(network, name) === 'node')
  const tunnels = tunnelsOf(trace, request)
  const source = request === undefined ? undefined : sourceOf(network, trace, request)
  const path = request === undefined || !trace.ok ? undefined : pathOf(network, request, nodes, tunnels)
  return {
    ...verdictOf(trace, decisions),
    nodes,
    tunnels,
    stations: stationsOf(trace, request),
    ...(path === undefined ? {} : { path }),
    ...(source === undefined ? {} : { source }),
    confidence: confidenceOf(lab, trace),
  }
}

function roleOf({ namespaces }: NetworkData, name: string): string | undefined {
  return Object.hasOwn(namespaces, name) ? namespaces[name]?.role : undefined
}

function verdictOf(trace: Trace, decisions: readonly Decision[]): Pick<Observation, 'verdict' | 'why' | 'by'> {
  if (trace.certainty === 'undecided') return { verdict: 'undecided', why: trace.summary, by: [] }
  if (trace.ok) return { verdict: 'allow', why: trace.summary, by: decisions.flatMap(objectsOf) }
  const denial = decisions.find((one) => isDenial(one) && isForbidding(one))
  if (denial !== undefined) return { verdict: 'deny', why: describeDecision(denial), by: objectsOf(denial) }
  const [first] = trace.findings
  return { verdict: 'broken', why: first === undefined ? trace.summary : describeFinding(first), by: [] }
}

/** Whether somebody forbade it: what Felix refuses besides, and a Service without endpoints, are faults. */
function isForbidding({ kind }: Decision): boolean {
  return ['policy', 'tier-end', 'profile', 'no-profile', 'endpoint-to-host', 'source-range'].includes(kind)
}

/** The objects that a decision is of. */
function objectsOf(decision: Decision): string[] {
  switch (decision.kind) {
    case 'policy':
      return decision.action === 'Allow' || decision.action === 'Deny' ? [policyTitle(decision.policy)] : []
    case 'tier-end':
      return [...decision.policies.map(policyTitle), `Tier ${decision.tier}`]
    case 'profile':
      return [`Profile ${decision.profile}`]
    case 'source-range':
      return [`Service ${serviceName(decision.service).slice('svc/'.length)}`]
    case 'endpoint-to-host':
      return ['defaultEndpointToHostAction']
    default:
      return []
  }
}

function policyTitle({ kind, namespace, name }: PolicyRef): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`
}

function tunnelsOf(trace: Trace, request: TracePacket | undefined): readonly string[] {
  const own = hopsOf(trace, 'encap').filter(({ packet }) => packet === request?.id)
  return [...new Set(own.map(({ tunnel }) => tunnel))]
}

/** By what words the way is known besides: devices that a packet left by, gateways, whoever it came through. */
function stationsOf(trace: Trace, request: TracePacket | undefined): readonly string[] {
  if (request === undefined) return []
  const routes = hopsOf(trace, 'route').filter(({ packet }) => packet === request.id)
  return [...new Set([...request.path, ...routes.flatMap(({ via = [], out = [] }) => [via, out].flat())])]
}

function sourceOf(network: NetworkData, trace: Trace, { id }: TracePacket): Observation['source'] {
  const hop = hopsOf(trace, 'nat')
    .filter(({ side, packet }) => side === 'source' && packet === id)
    .at(-1)
  if (hop === undefined) return { kind: 'none', address: '' }
  const address = hop.after?.address ?? hop.to
  const at = network.namespaces[hop.netns]
  const dev = Object.values(at?.interfaces ?? {}).find((one) => one.addresses.some(({ local }) => local === address))
  if (at?.role !== 'node' || dev === undefined) return { kind: 'other', address }
  return { kind: TUNNEL_KINDS.has(dev.kind) ? 'tunnel' : 'node', address }
}

const TUNNEL_KINDS: ReadonlySet<string> = new Set(['ipip', 'vxlan', 'wireguard'])

function pathOf(
  network: NetworkData,
  { path }: TracePacket,
  nodes: readonly string[],
  tunnels: readonly string[],
): ExpectedPath {
  const [tunnel] = tunnels
  if (tunnel !== undefined) return tunnel as ExpectedPath
  const last = roleOf(network, path.at(-1) ?? '')
  const isInside = last === 'pod' || last === 'node'
  return isInside && nodes.length < 2 ? 'same-node' : 'direct'
}
