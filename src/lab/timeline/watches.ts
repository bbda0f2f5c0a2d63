import { MILLISECOND, type Timer } from '../../dataplane/index.ts'
import type { PlannedAsk, PlannedProbe } from '../../input/index.ts'
import { checkArgument, isRecord } from '../../model/index.ts'
import type { ReportedProbe } from '../../render/index.ts'
import { judgeOptions } from '../asked.ts'
import type { Lab } from '../lab.ts'
import { TimelineProbe } from './probe.ts'
import { dropsToldTo, groundOf } from './probe-ground.ts'
import { reportOf } from './probe-report.ts'
import { ProbeServers } from './servers.ts'

/** What is asked again and again: one of `ping`, `tcp` and `udp`. */
export interface Probe {
  /** Name; absent = what it asks. */
  readonly name?: string
  readonly ping?: { readonly from: string; readonly to: string; readonly size?: number }
  readonly tcp?: {
    readonly from: string
    readonly to: string
    readonly port: number | string
    /** One connection is held, and a byte goes to and fro each time. */
    readonly hold?: boolean
  }
  readonly udp?: { readonly from: string; readonly to: string; readonly port: number | string }
  /** How long an answer is waited for, in milliseconds; absent = 1000. */
  readonly timeout?: number
}

/** A probe that is asked while virtual time passes. */
export interface Watch {
  /** What came of it so far. */
  readonly report: ReportedProbe
  /** Asks no more. */
  stop(): void
}

const TIMEOUT = 1_000
/** The longest time between two, in milliseconds: a day. */
const LONGEST = 86_400_000

/** The probe that is asked for. @throws InputError for what is none */
function planOf(every: number, probe: Probe): PlannedProbe {
  judgeOptions({ every }, { every: { low: 1, high: LONGEST, whole: false } })
  const asks = isRecord(probe) ? (['ping', 'tcp', 'udp'] as const).filter((kind) => isRecord(probe[kind])) : []
  checkArgument(asks.length === 1, 'probe', 'one of { ping: { from, to } }, { tcp: … } and { udp: … }', probe)
  const [kind] = asks
  const { name, timeout = TIMEOUT } = probe
  judgeOptions({ timeout }, { timeout: { low: 1, high: LONGEST, whole: false } })
  const ask = { kind, ...probe[kind!] } as PlannedAsk
  return { name: name ?? `${kind} ${ask.from} to ${ask.to}`, ask, every, start: 0, timeout }
}

/** The probes of a lab that run in the background, on its own clock. */
export class Watches {
  private readonly lab: Lab
  private readonly servers: ProbeServers
  private readonly all = new Set<RunningWatch>()

  constructor(lab: Lab) {
    this.lab = lab
    this.servers = new ProbeServers(lab.simulation, () => lab.cluster)
    lab.simulation.onDrop = dropsToldTo(() => [...this.all].map(({ probe }) => probe))
  }

  /** Asks something every so many milliseconds from now on. @throws InputError for what is no probe */
  add(every: number, probe: Probe): Watch {
    const watch = new RunningWatch(this.lab, new TimelineProbe(planOf(every, probe), groundOf(this.lab, this.servers)))
    this.all.add(watch)
    watch.arm()
    return watch
  }

  /** The lab has stepped to another moment: what was asked after it was not. */
  restored(): void {
    for (const watch of this.all) watch.restored()
  }
}

class RunningWatch implements Watch {
  readonly probe: TimelineProbe
  private readonly lab: Lab
  private readonly started: number
  private timer: Timer | null = null
  private stopped: number | undefined

  constructor(lab: Lab, probe: TimelineProbe) {
    this.lab = lab
    this.probe = probe
    this.started = lab.simulation.clock.now
  }

  get report(): ReportedProbe {
    const { now } = this.lab.simulation.clock
    this.probe.expire(now)
    return reportOf(
      this.lab,
      this.probe,
      { start: this.started, end: this.stopped ?? now },
      this.lab.log,
      () => undefined,
    )
  }

  stop(): void {
    const { clock } = this.lab.simulation
    this.stopped ??= clock.now
    if (this.timer !== null) clock.cancel(this.timer)
    this.timer = null
    this.probe.close()
  }

  /** Asks at the next time. */
  arm(): void {
    const { clock } = this.lab.simulation
    const every = Math.round(this.probe.plan.every * MILLISECOND)
    const passed = Math.max(0, clock.now - this.started)
    this.timer = clock.after((every - (passed % every)) % every, () => this.turn())
  }

  restored(): void {
    this.probe.forgetAfter(this.lab.simulation.clock.now)
    if (this.stopped === undefined) this.arm()
  }

  private turn(): void {
    const { clock } = this.lab.simulation
    this.probe.expire(clock.now)
    this.probe.tick()
    this.timer = clock.after(Math.round(this.probe.plan.every * MILLISECOND), () => this.turn())
  }
}
