import { IP_PROTOCOL, isIpv4 } from '../../wire/index.ts'
import { invalid } from '../asked.ts'
import type { Transport } from '../port-word.ts'
import { type FlowQuestion, type FlowWorld, judgeFlow, type PolicyFlowReport } from './flow.ts'
import { type EndpointReport, rulesOfEndpoint } from './of-endpoint.ts'
import { type SelectionReport, selectedByPolicy } from './selects.ts'

/** A question about policy: a flow, one endpoint, or one policy. */
export type PolicyQuestion = FlowQuestion | { readonly of: string } | { readonly selects: string }

/** The answer to each sort of question. */
export type PolicyReport<Q extends PolicyQuestion = PolicyQuestion> = Q extends { readonly of: string }
  ? EndpointReport
  : Q extends { readonly selects: string }
    ? SelectionReport
    : PolicyFlowReport

/** What is asked of the lab besides. */
export interface PolicyWorld extends FlowWorld {
  /** The number of a port, and its protocol. */
  readonly port: (to: string, port: number | string, protocol?: Transport) => { number: number; protocol: Transport }
}

/** Answers a question about policy from the calculation alone: no packet is sent. */
export function policyReport(world: PolicyWorld, question: PolicyQuestion): PolicyReport {
  if ('of' in question) {
    const { netns, label } = world.find(question.of)
    if (netns === undefined) throw invalid('a pod or a node', `"${question.of}"`)
    return rulesOfEndpoint(world.cluster, netns, label)
  }
  if ('selects' in question) return selectedByPolicy(world.cluster, question.selects)
  return judgeFlow(world, question, askedOf(world, question))
}

const NUMBERS = { tcp: IP_PROTOCOL.TCP, udp: IP_PROTOCOL.UDP, sctp: IP_PROTOCOL.SCTP } as const

function askedOf(world: PolicyWorld, { to, port, protocol, sourcePort }: FlowQuestion) {
  if (port === undefined) {
    if (typeof protocol === 'string') throw invalid(`a port beside ${protocol}`, 'none')
    const isV4 = isIpv4(world.find(to).address ?? ('0.0.0.0' as never))
    const ping = isV4 ? IP_PROTOCOL.ICMP : IP_PROTOCOL.ICMPV6
    return { protocol: protocol ?? ping, port: undefined, sourcePort: undefined }
  }
  if (typeof protocol === 'number') throw invalid('no port beside a bare protocol', String(port))
  if (protocol === 'sctp') {
    if (typeof port !== 'number') throw invalid('the number of an SCTP port', `"${port}"`)
    return { protocol: NUMBERS.sctp, port, sourcePort }
  }
  const found = world.port(to, port, protocol)
  if (!(found.number >= 1 && found.number <= 65535)) throw invalid('a port from 1 to 65535', String(port))
  return { protocol: NUMBERS[found.protocol], port: found.number, sourcePort }
}
