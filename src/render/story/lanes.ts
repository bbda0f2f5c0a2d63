import type { Trace } from '../../trace/index.ts'
import { assumedPlaces } from '../notes.ts'
import { involvedIn, switchesOf } from '../visible.ts'
import type { StoryLane, StoryPlace } from './story.ts'

/** What a lane stands for, and whether that was assumed; '' where nobody knows. */
export function laneAbout({ role, assumed }: Pick<StoryLane, 'role' | 'assumed'>): string {
  return `${role === 'unknown' ? '' : role}${assumed ? ' (assumed)' : ''}`
}

/** The lanes of a story while it is told; devices are noted as packets pass them. */
export class Lanes {
  private readonly trace: Trace
  private readonly names: readonly string[]
  private readonly devices = new Map<string, string[]>()

  /** @param switches - whether pieces of Ethernet have lanes too */
  constructor(trace: Trace, switches: boolean) {
    this.trace = trace
    const hidden = switches ? new Set<string>() : quietSwitches(trace)
    const involved = involvedIn(trace)
    const isTold = (name: string): boolean => involved.size === 0 || involved.has(name)
    const names = trace.nodes.map((node) => node.name).filter((name) => isTold(name) && !hidden.has(name))
    this.names = names.length > 0 || trace.ends === undefined ? names : [trace.ends.from]
  }

  /** Where the question is asked; undefined for a trace of nothing. */
  get first(): string | undefined {
    return this.names[0]
  }

  /** Whether anything is told of a namespace. */
  has(netns: string): boolean {
    return this.names.includes(netns)
  }

  /** A place by its names. */
  place(netns: string, device: string): StoryPlace {
    const known = this.devices.get(netns) ?? []
    this.devices.set(netns, known)
    if (device !== '' && !known.includes(device)) known.push(device)
    return { lane: Math.max(0, this.names.indexOf(netns)), device }
  }

  /** All of them, with the devices noted so far. */
  told(): readonly StoryLane[] {
    const assumed = assumedPlaces(this.trace)
    return this.names.map((name, index) => ({
      index,
      name,
      role: this.trace.nodes.find((node) => node.name === name)?.role ?? 'unknown',
      devices: this.devices.get(name) ?? [],
      assumed: assumed.has(name),
    }))
  }
}

/** Switches are wires, unless they lose a packet. One without IPv6 takes no multicast in for itself, and passes it on all the same. */
function quietSwitches(trace: Trace): ReadonlySet<string> {
  const losing = new Set(
    trace.hops.flatMap((hop) =>
      hop.kind === 'drop' && !hop.harmless && hop.cause !== 'ip6_disabled' ? [hop.netns] : [],
    ),
  )
  return new Set([...switchesOf(trace)].filter((name) => !losing.has(name)))
}
