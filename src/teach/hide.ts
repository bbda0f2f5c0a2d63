import { InputError, literalPattern } from '../model/index.ts'
import type { Run } from '../shell/index.ts'
import { decisionsOf, hopsOf, isDenial, policyName, type Trace } from '../trace/index.ts'
import type { Answer, AnswerKind } from './answers.ts'
import { type Exercise, exerciseOf } from './exercise.ts'
import { firstRoute, requestOf, winnerOf } from './seen.ts'
import { type Step, stepsOf, traceIn } from './step.ts'

/** What can be blanked in a trace. */
export type Stage = 'route' | 'tunnel' | 'neighbour' | 'translation' | 'policy' | 'end'

/** A value of a stage: what it is, and what the trace says. */
interface Hidden {
  readonly name: string
  readonly asks: string
  readonly kind: AnswerKind
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

const STAGES: Readonly<Record<Stage, StageRow>> = {
  route: {
    title: 'the routing decision of the first node',
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
  tunnel: {
    title: 'what the tunnel puts around the packet',
    values: (trace) => {
      const encap = hopsOf(trace, 'encap')[0]
      return [
        value('source', 'address', 'the outer source', encap?.source),
        value('destination', 'address', 'the outer destination', encap?.destination),
        value('overhead', 'number', 'bytes of the outer headers', encap?.overhead),
      ]
    },
    hints: [
      'A tunnel of Calico leads from node to node.',
      'On the node: `ip -d link show` names the kind of tunnel, `ip route get` the other node.',
      'IPIP: 20 bytes. VXLAN: 20 (IP) + 8 (UDP) + 8 (VXLAN). WireGuard pads, and adds 16 + 16 of its own to IP and UDP.',
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
  translation: {
    title: 'the first translation',
    values: (trace) => {
      const nat = hopsOf(trace, 'nat')[0]
      const kind = (text: string | undefined): AnswerKind => (/:\d+$/.test(text ?? '') ? 'endpoint' : 'address')
      return [
        value('node', 'name', 'the machine that translates', nat?.netns),
        value('before', kind(nat?.from), 'what stood there before', nat?.from),
        value('after', kind(nat?.to), 'what stands there after', nat?.to),
      ]
    },
    hints: [
      'A Service’s address is replaced before the route is looked up, a source address after.',
      'On the node: `conntrack -L` has both directions of a connection.',
      'The reply direction of the conntrack entry names what stands there after the translation.',
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
  end: {
    title: 'where it ends',
    values: (trace) => {
      const drop = hopsOf(trace, 'drop').find(({ harmless }) => !harmless)
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

/** The values of a stage that a trace has; empty when it has no such stage. */
function valuesOf(trace: Trace, stage: Stage): readonly (Hidden & { readonly value: Answer })[] {
  return STAGES[stage]
    .values(trace)
    .filter((one): one is Hidden & { readonly value: Answer } => one.value !== undefined && one.value !== '')
}

/**
 * A run with one stage blanked, to be filled in. Wherever the values stand in the steps, there is a blank.
 *
 * ```ts
 * const blank = hide(scene('ipip', variant('Ada')).run(), 'route')
 * check(blank, { prefix: '10.65.72.0/26', device: 'tunl0', via: '172.20.3.12' })
 * ```
 *
 * @param stage - `route`, `tunnel`, `neighbour`, `translation`, `policy` or `end`
 * @throws InputError for a stage that the run does not have, with those that it has
 */
export function hide(
  run: Run | Trace,
  stage: Stage,
  about: { readonly name?: string; readonly seed?: number } = {},
): Exercise {
  const trace = traceIn(run)
  const hidden = Object.hasOwn(STAGES, stage) ? valuesOf(trace, stage) : []
  if (hidden.length === 0) throw noStage(trace, stage)
  const { title, hints } = STAGES[stage]
  const blanks = hidden.map(({ name, asks, kind }) => ({ name, asks, kind }))
  return exerciseOf({
    name: about.name ?? `run/${stage}`,
    title: `fill in ${title}`,
    seed: about.seed ?? 0,
    question: `What stands in the place of the blanks?\n\n${blankedSteps(trace, hidden)}`,
    blanks,
    hints,
    solve: () => Object.fromEntries(hidden.map(({ name, value: answer }) => [name, answer])),
    why: () => trace.summary,
  })
}

function noStage(trace: Trace, stage: unknown): InputError {
  const has = NAMES.filter((one) => valuesOf(trace, one).length > 0)
  const expected = has.length === 0 ? 'a run that sends something' : `a stage of this run: ${has.join(', ')}`
  return new InputError([
    { kind: 'invalid', file: '', path: ['stage'], expected, received: JSON.stringify(stage) ?? 'nothing' },
  ])
}

function blankedSteps(trace: Trace, hidden: readonly Hidden[]): string {
  const lines = stepsOf(trace).map(
    ({ number, where, devices, said }: Step) => `${number}. ${where}: ${devices.join(' → ')}: ${said.join('; ')}`,
  )
  return hidden.reduce((text, { name, value: answer }) => blanked(text, String(answer), name), lines.join('\n'))
}

/** Every whole occurrence of a value becomes a blank with its name. */
function blanked(text: string, answer: string, name: string): string {
  return text.replace(new RegExp(`(?<![\\w.:/-])${literalPattern(answer)}(?![\\w/-]|[.:][\\w])`, 'g'), `____(${name})`)
}
