// Connection tracking and NAT as one would explain them to a friend: a list of flows, searched from the front. Slow on
// purpose; shares nothing with src/dataplane/netfilter.

/** A packet by what NAT looks at. For ICMP echo, `sport` is the identifier and `dport` is 8 or 0. */
export interface Flow {
  readonly protocol: 'udp' | 'icmp'
  readonly src: string
  readonly sport: number
  readonly dst: string
  readonly dport: number
}

interface Known {
  /** The first packet as it came in. */
  readonly asked: Flow
  /** It, as it went out. */
  readonly sent: Flow
  /** Second of the first packet. */
  readonly begun: number
  answered: boolean
  /** Second at which it is forgotten. */
  until: number
}

export interface Verdict {
  readonly state: 'NEW' | 'ESTABLISHED' | 'INVALID'
  /** What the packet must look like behind the router; undefined when the oracle cannot know (a new flow whose port was taken). */
  readonly out: Flow | undefined
}

/** The packet that answers another one. */
export function answerTo(f: Flow): Flow {
  if (f.protocol === 'icmp') return { ...f, src: f.dst, dst: f.src, dport: f.dport === 8 ? 0 : 8 }
  return { ...f, src: f.dst, sport: f.dport, dst: f.src, dport: f.sport }
}

export const text = (f: Flow): string => `${f.protocol} ${f.src}:${f.sport} > ${f.dst}:${f.dport}`
const same = (a: Flow, b: Flow): boolean => text(a) === text(b)

/** Flows live this long after their last packet, in seconds. */
const LIFE = 30
/** UDP that was answered and is older than two seconds lives longer. */
const STREAM_LIFE = 120

export class ConntrackOracle {
  private flows: Known[] = []
  private readonly translate: (f: Flow) => Flow

  /** @param translate - where a first packet is to go and whom it shall seem to come from */
  constructor(translate: (f: Flow) => Flow) {
    this.translate = translate
  }

  packet(f: Flow, now: number): Verdict {
    this.flows = this.flows.filter((k) => k.until > now)
    for (const k of this.flows) {
      if (same(k.asked, f)) {
        this.touch(k, now)
        return { state: k.answered ? 'ESTABLISHED' : 'NEW', out: k.sent }
      }
      if (same(answerTo(k.sent), f)) {
        this.touch(k, now)
        k.answered = true
        return { state: 'ESTABLISHED', out: answerTo(k.asked) }
      }
    }
    if (f.protocol === 'icmp' && f.dport !== 8) return { state: 'INVALID', out: f }
    const wanted = this.translate(f)
    const usual = this.usual(f, wanted)
    if (!this.taken(usual)) return { state: 'NEW', out: usual }
    return { state: 'NEW', out: this.taken(wanted) ? undefined : wanted }
  }

  /** Whether a packet belongs to a flow already known. */
  has(f: Flow): boolean {
    return this.flows.some((k) => same(k.asked, f) || same(answerTo(k.sent), f))
  }

  /** Tells how the router sent the first packet of a flow. Throws when that cannot be right. */
  learn(f: Flow, sent: Flow, now: number): void {
    if (this.taken(sent)) throw new Error(`${text(f)} was sent as ${text(sent)}, whose answers belong to another flow`)
    this.flows.push({ asked: f, sent, begun: now, answered: false, until: now + LIFE })
  }

  private touch(k: Known, now: number): void {
    const stream = k.asked.protocol === 'udp' && k.answered && now - k.begun > 2
    k.until = now + (stream ? STREAM_LIFE : LIFE)
  }

  /** Who was given another source keeps it towards everybody: what its newest flow was given. */
  private usual(f: Flow, wanted: Flow): Flow {
    if (wanted.src === f.src) return wanted
    const isSame = (k: Known): boolean =>
      k.asked.protocol === f.protocol && k.asked.src === f.src && k.asked.sport === f.sport && k.sent.src === wanted.src
    const before = this.flows.filter(isSame).at(-1)
    return before === undefined ? wanted : { ...wanted, sport: before.sent.sport }
  }

  /** Whether answers to a packet sent so would be taken for another flow's packets. */
  private taken(sent: Flow): boolean {
    const answer = answerTo(sent)
    return this.flows.some((k) => same(answerTo(k.sent), answer) || same(k.asked, answer))
  }
}
