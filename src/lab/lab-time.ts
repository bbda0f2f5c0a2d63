import { type ObjectDeletion, type OtherResource, objectName, type Resources } from '../control/index.ts'
import type { Simulation } from '../dataplane/index.ts'
import { type ClusterEvent, Running, type SavedRunning } from '../timeline/index.ts'
import { invalid } from './asked.ts'
import { tryWays } from './bgp-probe.ts'
import { ClusterMakings } from './cluster-makings.ts'
import type { Scene } from './conduct.ts'
import { type ObjectsInput, readObjects } from './objects.ts'
import type { LabOptions } from './options.ts'
import type { SourcePorts } from './source-ports.ts'
import { type Built, type Remarks, standingOf } from './standing.ts'

/** Moments before events that a lab keeps. */
const MOMENTS = 32

/** What was passed over, after some objects were replaced or taken away: what was said of these goes with them. */
function remarksAfter(before: Remarks, gone: readonly string[], fresh: Remarks): Remarks {
  const left = before.warnings.filter(({ object = '' }) => !gone.includes(object))
  const isNew = (one: Remarks['unread'][number]): boolean => !before.unread.some(({ kind }) => kind === one.kind)
  return { warnings: [...left, ...fresh.warnings], unread: [...before.unread, ...fresh.unread.filter(isNew)] }
}

function namesOf(resources: Partial<Resources>): string[] {
  return Object.values(resources).flatMap((list: readonly OtherResource[]) => list.map(objectName))
}

/** A lab of objects over time: its running cluster, and what there is to say of the objects as they are. */
export class LabTime {
  /** The cluster that runs. */
  readonly running: Running
  /** How long programs take to follow what is stored. */
  readonly delays: 'calico' | 'instant'
  private readonly scene: Scene
  private readonly makings: ClusterMakings
  private remarks: Remarks

  constructor(
    scene: Scene,
    built: Built,
    { seed, delays = 'instant', history }: LabOptions,
    ports: SourcePorts,
    command: (host: string, line: string) => void,
  ) {
    this.scene = scene
    this.delays = delays
    this.makings = new ClusterMakings(built)
    this.remarks = built.remarks
    const { simulation }: { readonly simulation: Simulation } = scene
    scene.course = () => this.running.witness()
    this.running = new Running(simulation, built.cluster, {
      ...(seed === undefined ? {} : { seed }),
      ...(history === undefined ? {} : { history }),
      delays,
      make: this.makings.make,
      moments: MOMENTS,
      tryWays,
      command,
      onStored: () => this.stand(),
      besides: () => {
        const { remarks } = this
        const { next } = ports
        return () => {
          ports.next = next
          this.remarks = remarks
          this.stand()
        }
      },
    })
  }

  /** Applies objects. @throws InputError for what is refused; then nothing is changed */
  apply(objects: ObjectsInput): void {
    const loaded = readObjects(objects)
    this.remarking(namesOf(loaded.resources), loaded, { kind: 'apply', objects: loaded.resources })
  }

  /** Takes objects away. @throws InputError for what is not there */
  delete(references: readonly ObjectDeletion[]): void {
    const gone = references.map(({ kind, ...metadata }) => objectName({ kind, metadata }))
    this.remarking(gone, { warnings: [], unread: [] }, { kind: 'delete', objects: references })
  }

  /** Something happens now. @throws InputError for what is refused; then nothing is changed */
  occur(event: ClusterEvent): void {
    if (event?.kind === 'apply') this.apply(event.objects)
    else if (event?.kind === 'delete') this.delete(event.objects)
    else this.running.occur(event)
  }

  private remarking(gone: readonly string[], fresh: Remarks, event: ClusterEvent): void {
    const before = this.remarks
    this.remarks = remarksAfter(before, gone, fresh)
    try {
      this.running.occur(event)
    } catch (error) {
      this.remarks = before
      throw error
    }
    this.stand()
  }

  /** The lab's objects are those that are stored now. */
  private stand(): void {
    const built = this.makings.of(this.running.cluster)
    if (built === undefined) return
    this.scene.standing = standingOf({ ...built, remarks: this.remarks })
  }

  /** Saves what this moment has besides the simulation: what it gives puts that back. */
  save(): () => void {
    const saved: SavedRunning = this.running.save()
    const { remarks } = this
    return () => {
      this.remarks = remarks
      this.running.load(saved)
      this.stand()
    }
  }
}

/** The command of a line behind a prompt: `node01$ ip route`; undefined for other texts. */
export function commandOf(text: string): (ClusterEvent & { readonly kind: 'command' }) | undefined {
  const typed = /^(?<host>[\w./-]+)[$#] (?<line>.+)$/.exec(text.trim())?.groups
  return typed && { kind: 'command', host: typed['host']!, line: typed['line']! }
}

/** The event that a text or value stands for: a command behind a prompt, YAML to apply, or what it is. @throws InputError */
export function eventOf(event: ClusterEvent | string): ClusterEvent {
  if (typeof event !== 'string') return event
  const typed = commandOf(event)
  if (typed !== undefined) return typed
  const { resources } = readObjects(event)
  if (namesOf(resources).length === 0) throw invalid('objects as YAML, or NODE$ COMMAND', JSON.stringify(event))
  return { kind: 'apply', objects: resources }
}
