import { decisionsOf, hopsOf, isDenial, policyName, type Trace } from '../trace/index.ts'
import type { Answer, AnswerKind } from './answers.ts'
import { addedBytes, connectionOf, encapOf, firstRoute, lossOf, natOf, requestOf, winnerOf } from './seen.ts'

/** What can be blanked in a trace. */
export type Stage = 'route' | 'conntrack' | 'policy' | 'nat' | 'encap' | 'neighbour' | 'end'

/** A value of a stage: what it is, and what the trace says. */
export interface Hidden {
  /** Name of the blank. */
  readonly name: string
  /** What is asked for. */
  readonly asks: string
  /** What an answer looks like. */
  readonly kind: AnswerKind
  /** What the trace says; undefined when it says nothing of it. */
  readonly value: Answer | undefined
}

/** How a stage is found in a trace, and where a student looks for it. */
interface StageRow {
  readonly title: string
  readonly values: (trace: Trace) => readonly Hidden[]
  readonly hints: readonly string[]
}

const value = (name: string, kind: AnswerKind, asks: string, answer: Answer | undefined): Hidden => ({
  name,
  asks,
  kind,
  value: answer,
})

/** An address, or an address and a port, as the trace has it. */
const end = (name: string, asks: string, answer: string | undefined): Hidden =>
  value(name, /:\d+$/.test(answer ?? '') && !isIpv6(answer) ? 'endpoint' : 'address', asks, answer)

const isIpv6 = (text: string | undefined): boolean => (text?.match(/:/g)?.length ?? 0) > 1 && !text?.includes(']')

const STAGES: Readonly<Record<Stage, StageRow>> = {
  route: {
    title: 'the first routing decision on the way',
    values: (trace) => {
      const route = firstRoute({ trace })
      return [
        value('prefix', 'prefix', 'the range of the route that wins', winnerOf(route)),
        value('device', 'name', 'the device it leads to', route?.out),
        value('via', 'address', 'the next hop', route?.via),
      ]
    },
    hints: [
      'The longest prefix that contains the destination wins, whatever the order of the routes.',
      'On the node: `ip route get DESTINATION`, and `ip route` for all candidates.',
      'Pods of one node share a block: the route is to a block, over a device, by the other node (for VXLAN: by its tunnel address).',
    ],
  },
  conntrack: {
    title: 'what the first machine remembers of the connection',
    values: (trace) => {
      const entry = connectionOf(trace)
      return [
        value('node', 'name', 'the machine whose connection table has it', entry?.node),
        end('asked', 'the destination of the original direction', entry?.asked),
        end('answers', 'the source of the reply direction', entry?.answers),
        end('back', 'the destination of the reply direction', entry?.back),
      ]
    },
    hints: [
      'One line has two directions: what was sent, and the answer as it will come in.',
      'On the node: `conntrack -L`; the first `src=` and `dst=` are what was sent, the second are the answer.',
      'Without translation the second direction is the first, turned round. With it, it has the addresses behind the translation.',
    ],
  },
  policy: {
    title: 'the policy that decides',
    values: (trace) => {
      const all = decisionsOf(trace)
      const decision = all.find(isDenial) ?? all.find(({ kind }) => kind === 'policy')
      const isNamed = decision?.kind === 'policy' || decision?.kind === 'tier-end'
      const policy =
        decision?.kind === 'policy'
          ? policyName(decision.policy)
          : decision?.kind === 'tier-end'
            ? decision.policies.map(policyName)[0]
            : undefined
      return [
        value('node', 'name', 'the node that judges', isNamed ? decision.netns : undefined),
        value('policy', 'name', 'the policy, as `NAMESPACE/NAME`', policy),
        value('device', 'name', 'the host end of the pod it is asked about', isNamed ? decision.at.dev : undefined),
      ]
    },
    hints: [
      'Egress is judged on the node of the client, ingress on that of the server.',
      '`packetwalk policy -f cluster.yaml --from … --to …` says it without a packet.',
      'A pod that a policy selects for a direction refuses what none of its rules allows.',
    ],
  },
  nat: {
    title: 'the translation of the request',
    values: (trace) => {
      const [destination, source] = [natOf({ trace }, 'destination'), natOf({ trace }, 'source')]
      const first = destination ?? source
      return [
        value('node', 'name', 'the machine that translates', first?.netns),
        end('before', `the ${first?.side} before it`, first?.from),
        end('after', `the ${first?.side} after it`, first?.to),
        ...(destination === undefined || source === undefined
          ? []
          : [end('source', 'the source after it: that is translated as well', source.to)]),
      ]
    },
    hints: [
      'A Service’s address is replaced before the route is looked up, a source address after.',
      'On the node: `conntrack -L` has both directions of a connection.',
      'The reply direction of the conntrack entry names what stands there after the translation.',
    ],
  },
  encap: {
    title: 'what the tunnel puts around the packet',
    values: (trace) => {
      const encap = encapOf({ trace })
      return [
        value('source', 'address', 'the outer source', encap?.source),
        value('destination', 'address', 'the outer destination', encap?.destination),
        value('added', 'number', 'how many bytes longer it makes the packet', encap && addedBytes({ trace })),
      ]
    },
    hints: [
      'There are two headers. Who must read the outer one?',
      'On the node: `ip -d link show` names the kind of tunnel, `ip route get` the other node.',
      'IPIP: 20 bytes. VXLAN: 20 (IP) + 8 (UDP) + 8 (VXLAN) + 14 (the Ethernet header inside). WireGuard fills up to a multiple of 16, and adds 32 of its own to IP and UDP.',
    ],
  },
  neighbour: {
    title: 'the last neighbour',
    values: (trace) => {
      const request = requestOf(trace)
      const last = hopsOf(trace, 'neighbour')
        .filter(({ packet, lladdr }) => packet === request && lladdr !== '')
        .at(-1)
      return [
        value(
          'address',
          'address',
          'the address of the next hop, at the last machine that sends the request',
          last?.address,
        ),
        value('mac', 'mac', 'the MAC address it is sent to', last?.lladdr),
      ]
    },
    hints: [
      'Look at the last machine before the destination.',
      'On that machine: `ip neigh`.',
      'The host end of a pod is always ee:ee:ee:ee:ee:ee; the pod’s own end is not.',
    ],
  },
  end: {
    title: 'where it ends',
    values: (trace) => {
      const drop = trace.ok ? undefined : lossOf(trace)?.hop
      const taken = hopsOf(trace, 'deliver').find(({ packet }) => packet === requestOf(trace))
      const destination = hopsOf(trace, 'route')[0]?.destination
      return [
        value('where', 'name', 'the machine or pod', drop?.netns ?? taken?.netns),
        value('destination', 'address', 'the destination the packet has when it starts', destination),
        value('device', 'name', 'the device it came in by', drop?.dev ?? taken?.dev),
      ]
    },
    hints: [
      'Follow the packet from machine to machine, and ask each which route it takes.',
      'On each machine: `ip route get DESTINATION`, and `tcpdump` on its devices.',
      'The last machine that saw it has it, or dropped it.',
    ],
  },
}

/** The stages there are, for messages. */
const NAMES = Object.keys(STAGES) as readonly Stage[]

/** What a stage of a trace is called, what it says, and the hints; no values when the trace has no such stage. */
export function stageOf(
  trace: Trace,
  stage: Stage,
): { readonly title: string; readonly hints: readonly string[]; readonly values: readonly Told[] } {
  if (!Object.hasOwn(STAGES, stage)) return { title: '', hints: [], values: [] }
  const { title, hints, values } = STAGES[stage]
  return { title, hints, values: values(trace).filter(isTold) }
}

/** A value that the trace has. */
export type Told = Hidden & { readonly value: Answer }

function isTold(one: Hidden): one is Told {
  return one.value !== undefined && one.value !== ''
}

/** The stages that a trace has. */
export function stagesOf(trace: Trace): readonly Stage[] {
  return NAMES.filter((one) => stageOf(trace, one).values.length > 0)
}
