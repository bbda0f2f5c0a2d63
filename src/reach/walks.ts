import { choosing, type Lab } from '../lab/index.ts'
import { describeFinding, type Finding, type FindingCode } from '../model/index.ts'
import { type Family, IP_PROTOCOL, type Ip } from '../wire/index.ts'
import { leastOf, type Outcomes } from './outcomes.ts'
import { OTHER } from './policy/spans.ts'
import type { ReachOutcome } from './reach.ts'

type Run = ReturnType<Lab['ping']>

/** A way that a packet is sent along. */
export interface WayAsked {
  /** Network namespace that asks. */
  readonly from: string
  /** The address it asks from; absent: what its kernel chooses. */
  readonly source?: Ip
  /** Whom it asks, by name or address. */
  readonly to: string
  /** Family. */
  readonly family: Family
  /** Protocol; `OTHER` for one that nobody names. */
  readonly protocol: number
  /** A protocol that nobody names. */
  readonly other: number
  /** Port. */
  readonly point: number
  /** MTU of who asks, in bytes. */
  readonly mtu: number
  /** The pod that a Service chooses. */
  readonly backend?: string
}

/** What policy denies, if a packet shows it. */
const OF_POLICY: ReadonlySet<FindingCode> = new Set(['policy_denies', 'policy_ends', 'profile_denies', 'felix_refuses'])

/** Sends packets along ways: a small one, and one that fills the MTU. */
export class Walks {
  private readonly lab: Lab
  private readonly outcomes: Outcomes
  private readonly start: ReturnType<Lab['snapshot']>
  private readonly from: ReachOutcome['from']
  /** Ways that were walked. */
  ways = 0
  /** Programs that sent packets. */
  packets = 0

  constructor(lab: Lab, outcomes: Outcomes) {
    this.lab = lab
    this.outcomes = outcomes
    this.start = lab.snapshot()
    this.from = lab.dump === null ? 'objects' : 'dump'
  }

  /** What becomes of packets on a way: the number of an outcome. */
  walk(asked: WayAsked): number {
    this.ways += 1
    this.lab.restore(this.start)
    const { simulation } = this.lab
    const { choose } = simulation
    if (asked.backend !== undefined) simulation.choose = choosing(asked.backend)
    try {
      const small = this.outcome(this.send(asked, false))
      if (this.outcomes.all[small]?.verdict !== 'allowed' || !ofSize(asked.protocol)) return small
      // From the same moment: a way that packets have gone is another, since machines on it know each other.
      this.lab.restore(this.start)
      const run = this.send(asked, true)
      // What is told of a packet takes longer than to send it: what arrives as the small one did is not told.
      if (run.exitCode === 0) return small
      const full = this.outcome(run)
      const cases = [
        { when: 'small packets', outcome: small },
        { when: 'packets that fill the MTU', outcome: full },
      ]
      return this.outcomes.over('size', cases)
    } finally {
      simulation.choose = choose
    }
  }

  /** The lab is as it was. */
  end(): void {
    this.lab.restore(this.start)
  }

  private send({ from, to, source, family, protocol, other, point, mtu }: WayAsked, isFull: boolean): Run {
    this.packets += 1
    const { lab } = this
    const own = source === undefined ? {} : { source }
    const size = isFull ? { size: mtu - (family === 4 ? 28 : 48) } : {}
    switch (protocol) {
      case IP_PROTOCOL.TCP:
        return lab.tcp(from, to, point, { ...own, ...(isFull ? { request: 2 * mtu, reply: 2 * mtu } : {}) })
      case IP_PROTOCOL.UDP:
        return lab.udp(from, to, point, { ...own, ...(isFull ? size : { size: 32 }) })
      case IP_PROTOCOL.ICMP:
      case IP_PROTOCOL.ICMPV6:
        return lab.ping(from, to, { ...own, ...size, linger: 1 })
      default:
        return lab.raw(from, to, protocol === OTHER ? other : protocol, { ...own, ...size })
    }
  }

  private outcome(run: Run): number {
    // That a program listens is what is asked, and no assumption about the cluster.
    const notes = run.notes.filter(({ topic, effect }) => topic !== 'server' && effect !== 'harmless')
    const told = notes.map(({ what, ignored }) => (ignored === true ? `${what} (left out of the answer)` : what))
    const isOpen = notes.some(({ effect, ignored }) => effect === 'undecided' && ignored !== true)
    const common = {
      how: 'walked' as const,
      certainty: isOpen ? ('undecided' as const) : notes.length > 0 ? ('assumed' as const) : ('certain' as const),
      from: this.from,
      ...(told.length === 0 ? {} : { notes: told }),
    }
    if (run.ok) return this.outcomes.of({ verdict: 'allowed', why: '', ...common })
    const [finding] = run.diagnosis
    const lost = this.outcomes.of(
      finding === undefined
        ? { verdict: 'broken', why: run.outcome, code: 'other', ...common }
        : failed(finding, common),
    )
    if (!isOnlyAnswerLost(run)) return lost
    return this.outcomes.over('direction', [
      { when: 'requests', outcome: this.outcomes.of({ verdict: 'allowed', why: '', ...common }) },
      { when: 'answers', outcome: lost },
    ])
  }
}

/** Whether what was asked arrived, and the answer was lost on its way back. */
function isOnlyAnswerLost({ trace }: Run): boolean {
  const [first] = trace.exchanges
  return first?.disposition.kind === 'dropped' && first.disposition.role === 'reply'
}

/** Protocols that are sent in full size, too: one that asks the path for its MTU, and one that sends what it is given. */
function ofSize(protocol: number): boolean {
  return protocol === IP_PROTOCOL.TCP || protocol === IP_PROTOCOL.UDP
}

function failed(finding: Finding, common: Omit<ReachOutcome, 'verdict' | 'why'>): ReachOutcome {
  const { code, netns } = finding
  const why = describeFinding(finding).replace(/\.$/, '')
  const verdict = OF_POLICY.has(code) ? 'denied' : 'broken'
  return { verdict, why, code, where: netns, ...common, certainty: leastOf([common]) }
}
