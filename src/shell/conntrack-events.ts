import { SECOND, type Tap } from '../dataplane/index.ts'
import { type ConntrackEventKind, conntrackEventLine } from '../linux/index.ts'
import type { ConntrackEntry } from '../model/index.ts'
import { Process } from '../programs/index.ts'
import type { Host } from './host.ts'

/** What `conntrack -E` was asked. */
export interface EventsAsked {
  /** The tool, as it signs its summary. */
  readonly tool: string
  /** Kinds of events that are shown. */
  readonly kinds: ReadonlySet<ConntrackEventKind>
  readonly extended: boolean
  /** Which connections are shown. */
  readonly matches: (entry: ConntrackEntry) => boolean
}

/** A connection when it was seen last. */
interface Seen {
  readonly entry: ConntrackEntry
  readonly at: number
}

/**
 * `conntrack -E &`: what becomes of connections, told with every frame of the namespace. A connection that nobody uses any more is
 * told when somebody looks, as entries expire without a timer.
 */
export class ConntrackEvents extends Process {
  private readonly host: Host
  private readonly asked: EventsAsked
  private readonly tap: Tap
  private before = new Map<string, Seen>()
  private count = 0

  constructor(host: Host, asked: EventsAsked) {
    super(host.ns)
    this.host = host
    this.asked = asked
    this.tap = (dev) => {
      if (dev.ns.name === host.netns) this.look()
    }
  }

  override start(): void {
    this.before = this.now()
    this.sim.taps.push(this.tap)
  }

  /** Tells what is otherwise than at the last look. */
  look(): void {
    if (this.exitCode !== null) return
    const now = this.now()
    for (const [key, seen] of this.before)
      if (isGone(seen.entry, now.get(key)?.entry)) this.tell('DESTROY', left(seen, this.sim.clock.now))
    for (const [key, { entry }] of now) {
      const before = this.before.get(key)?.entry
      if (before === undefined || isGone(before, entry)) this.tell('NEW', entry)
      else if (isOtherwise(before, entry)) this.tell('UPDATE', entry)
    }
    this.before = now
  }

  override interrupt(): void {
    this.look()
    this.fail(`${this.asked.tool}: ${this.count} flow events have been shown.\n`)
    this.exit(0)
  }

  protected override cleanup(): void {
    const { taps } = this.sim
    const at = taps.indexOf(this.tap)
    if (at !== -1) taps.splice(at, 1)
  }

  private now(): Map<string, Seen> {
    const at = this.sim.clock.now
    const all = this.host.ns.nf?.conntrack() ?? []
    return new Map(all.map((entry) => [keyOf(entry), { entry, at }]))
  }

  private tell(kind: ConntrackEventKind, entry: ConntrackEntry): void {
    if (!this.asked.kinds.has(kind) || !this.asked.matches(entry)) return
    this.count += 1
    this.out(`${conntrackEventLine(kind, entry, this.asked.extended)}\n`)
  }
}

function keyOf({ family, protocol, original, zone = 0 }: ConntrackEntry): string {
  return `${family} ${protocol} ${zone} ${JSON.stringify(original)}`
}

/** Whether a connection is gone, though another may have its ends: that begins without an answer again. */
function isGone(before: ConntrackEntry, now: ConntrackEntry | undefined): boolean {
  return now === undefined || (now.unreplied === true && before.unreplied !== true)
}

/** Whether a connection is otherwise than by its time. */
function isOtherwise(before: ConntrackEntry, now: ConntrackEntry): boolean {
  return JSON.stringify({ ...before, timeout: 0 }) !== JSON.stringify({ ...now, timeout: 0 })
}

/** A connection with the time it had left. */
function left({ entry, at }: Seen, now: number): ConntrackEntry {
  return { ...entry, timeout: Math.max(0, entry.timeout - Math.floor((now - at) / SECOND)) }
}
