import type { Cluster, ObjectDeletion, Resources } from '../control/index.ts'
import { MILLISECOND, type Recorder, SECOND, type Simulation } from '../dataplane/index.ts'
import type { Agent, BirdSince, ClusterEvent, LogEntry, ProgramState, ToldEvent } from '../timeline/index.ts'
import { judgeOptions, withoutTime } from './asked.ts'
import { pass } from './execute.ts'
import { commandOf, eventOf, type LabTime } from './lab-time.ts'
import type { ObjectsInput } from './objects.ts'

/**
 * What a lab does over time: events happen, programs follow them, virtual time passes, and the log says what came of it. A network
 * that no objects made has no programs: it refuses events, and is quiet.
 */
export abstract class LabOverTime {
  /** The running network. */
  abstract readonly simulation: Simulation
  /** Records of everything since the last run began; null when the lab does not record. */
  abstract readonly recorder: Recorder | null
  /** The cluster of the objects, as they are now; null for a network made by hand or from dumps alone. */
  abstract readonly cluster: Cluster | null
  /** Null for a network that no objects made. @internal */
  protected abstract readonly time: LabTime | null

  /**
   * Applies objects as `kubectl apply` does: one that is there is replaced, another is added. What follows from them on machines does so
   * at once, or after the time it takes (`delays: 'calico'`); all else goes on: connections, neighbours, counters of rules that stay.
   * What was changed by hand on machines stays, too, but where Felix writes on a node, it writes all that is its own again.
   * @param objects - YAML or JSON as `load` takes it, or lists of objects by their kinds
   * @throws InputError for objects that are refused; then nothing is changed
   */
  apply(objects: ObjectsInput): this {
    this.timed().apply(objects)
    return this
  }

  /**
   * Takes objects away, as `kubectl delete` does.
   * @param objects - which: `{ kind, name, namespace }`; with `force: true` or `gracePeriodSeconds: 0` nobody waits until a pod has ended
   * @throws InputError for one that is not there
   */
  delete(...objects: readonly ObjectDeletion[]): this {
    this.timed().delete(objects)
    return this
  }

  /**
   * Lets something happen now: objects applied or deleted, a program stopped or started, a machine, a command line.
   * @param event - as value, or YAML to apply, or `node01$ ip route del …`
   * @throws InputError for what is refused, with the nearest right name; then nothing is changed
   */
  occur(event: ClusterEvent | string): this {
    const time = this.timed()
    if (typeof event === 'string' && commandOf(event) === undefined) time.apply(event)
    else time.occur(eventOf(event))
    return this
  }

  /**
   * Lets something happen when so much virtual time has passed since the start, in milliseconds; it happens while programs run, or
   * while the lab waits.
   * @throws InputError for what it is about and is not there now
   */
  at(ms: number, event: ClusterEvent | string): this {
    judgeOptions({ ms }, { ms: { low: 0, high: 10_000_000_000, whole: false } })
    this.timed().running.at(Math.round(ms * MILLISECOND), eventOf(event))
    return this
  }

  /** What has changed over time, by whom and because of what, in order; empty for a network that no objects made. */
  get log(): readonly LogEntry[] {
    return this.time?.running.log ?? []
  }

  /** How many entries of the log are gone, the oldest. */
  get forgotten(): number {
    return this.time?.running.forgotten ?? 0
  }

  /** The number of the last event, as entries of the log have it. */
  get lastEvent(): number {
    return this.time?.running.lastEvent ?? 0
  }

  /** How long programs take to follow what is stored. */
  get delays(): 'calico' | 'instant' {
    return this.time?.delays ?? 'instant'
  }

  /** Whether programs have nothing left to do, and no event is to come. */
  get isQuiet(): boolean {
    return this.time?.running.isQuiet ?? true
  }

  /** When the next event or step of a program comes, in nanoseconds of virtual time; undefined when none does. */
  get nextAt(): number | undefined {
    return this.time?.running.nextAt
  }

  /** Lets virtual time pass until programs have nothing left to do. */
  quiet(): this {
    this.timed().running.quiet()
    return this
  }

  /** Lets virtual time pass until the next event or step of a program has happened. @returns whether there was one */
  stepForward(): boolean {
    return this.timed().running.stepForward()
  }

  /** Goes back to just before the last event. @returns whether that moment is kept */
  stepBack(): boolean {
    const isBack = this.timed().running.stepBack()
    if (isBack) this.recorder?.clear()
    return isBack
  }

  /** What a program does. @param node - where it runs on nodes @throws InputError for a node that is not there */
  agentState(agent: Agent, node?: string): ProgramState {
    return this.timed().running.agentState(agent, node)
  }

  /** What controllers and kubelets told of objects within the last hour, as `kubectl get events` lists it; the newest last. */
  get told(): readonly ToldEvent[] {
    return this.time?.running.view.told ?? []
  }

  /** The cluster as BIRD of a node has it, with sessions as they are now; null where BIRD does not run. */
  birdOf(node: string): Cluster | null {
    return this.time === null ? this.cluster : this.time.running.view.birdOf(node)
  }

  /** Since when BIRD of a node runs, and its sessions are as they are; undefined = since time began. @internal */
  birdSince(node: string): BirdSince | undefined {
    return this.time?.running.view.birdSince(node)
  }

  /** Whether Calico has put its CNI configuration, and what goes with it, on a node, whatever somebody took away since. */
  hasCni(node: string): boolean {
    return this.time === null ? this.cluster !== null : this.time.running.view.hasCni(node)
  }

  /** A user takes the CNI configuration of a node away, or puts one there: its kubelet finds that. */
  writeCni(node: string, isThere: boolean): void {
    this.time?.running.writeCni(node, isThere)
  }

  /** Whether kubelet of a node finds a CNI configuration. */
  findsCni(node: string): boolean {
    return this.time === null ? this.cluster !== null : this.time.running.view.findsCni(node)
  }

  /** The objects that are stored; null for a network that no objects made. */
  get objects(): Resources | null {
    return this.time?.running.objects ?? null
  }

  /** Lets virtual time pass, in seconds. @throws InputError when it is no number from 0 to 10,000,000 */
  wait(seconds: number): this {
    judgeOptions({ seconds }, { seconds: { low: 0, high: 10_000_000, whole: false } })
    pass(this.simulation.clock.now + Math.round(seconds * SECOND), this.simulation, this.recorder)
    return this
  }

  /** Programs and planned events do nothing more until a saved moment is restored: packets meet what is there now. */
  standStill(): this {
    this.time?.running.standStill()
    return this
  }

  private timed(): LabTime {
    if (this.time === null) throw withoutTime(this.cluster)
    return this.time
  }
}
