import {
  collectResources,
  type KnownResource,
  listOfKind,
  type ObjectReference,
  type OtherResource,
  objectKey,
  type Resources,
} from '../control/index.ts'
import type { DropCause } from '../model/index.ts'
import type { ClusterEvent } from '../timeline/index.ts'
import type { Look } from './kind.ts'

/** One thing that is done to bring a failure about. */
export interface InjectionStep {
  /** What is done, in a sentence without its full stop. */
  readonly says: string
  /** The same, as something that befalls a cluster. */
  readonly event: Exclude<ClusterEvent, { readonly kind: 'release' }>
  /** It only sets the scene, a Service that is to fail: nothing is wrong after it. Such steps come first. */
  readonly isScene?: true
}

/** What is asked, to see a failure. */
export interface FailureAsk {
  /** What is sent. */
  readonly kind: 'ping' | 'tcp' | 'udp'
  /** Who sends. */
  readonly from: string
  /** Whom it is sent to. */
  readonly to: string
  /** Absent with `ping`. */
  readonly port?: number
  /** Bytes of data; of TCP those of the request. */
  readonly size?: number
  /** Never cut a packet: ping sets DF. */
  readonly dontFragment?: boolean
}

/** A flow that shows a failure, or that passes although one would not think so. */
export interface ShownFlow {
  /** What is asked. */
  readonly ask: FailureAsk
  /** How it looks where the failure is not, with the scene set; absent where it cannot be asked then. */
  readonly before?: Look
  /** How it looks with the failure. */
  readonly after: Look
  /** Where a packet of it is lost then. */
  readonly lost?: {
    /** Network namespace. */
    readonly netns: string
    /** One of these. */
    readonly causes: readonly DropCause[]
  }
}

/** A command that confirms a failure. */
export interface Confirmation {
  /** Network namespace where it is typed. */
  readonly host: string
  /** The command. */
  readonly line: string
  /** What stands in its output then: a regular expression. */
  readonly shows: string
  /** Why that tells the failure, in a sentence without its full stop. */
  readonly because: string
}

/** How one failure is brought about in one cluster, and how it is seen there. */
export interface Injection {
  /** Where: a node, a pod, or the part of the underlay. */
  readonly at: string
  /** What is done, in order. */
  readonly steps: readonly InjectionStep[]
  /** What shows it; the first one most clearly. */
  readonly shows: readonly ShownFlow[]
  /** Commands that confirm it, the best first. */
  readonly confirm: readonly Confirmation[]
  /** What undoes it, in order. */
  readonly mends: readonly InjectionStep[]
}

/** An injection as its function gives it: what only applies objects is undone by those of before. */
export type InjectionDraft = Omit<Injection, 'mends'> & Partial<Pick<Injection, 'mends'>>

/** Objects are applied. */
export function apply(says: string, ...objects: readonly KnownResource[]): InjectionStep {
  return { says, event: { kind: 'apply', objects: collectResources(objects) } }
}

/** A step after which nothing is wrong yet. */
export function scene(step: InjectionStep): InjectionStep {
  return { ...step, isScene: true }
}

/** Objects are taken away. */
function remove(says: string, ...objects: readonly ObjectReference[]): InjectionStep {
  return { says, event: { kind: 'delete', objects } }
}

/** A command line is typed. */
export function type(host: string, line: string, says: string): InjectionStep {
  return { says, event: { kind: 'command', host, line } }
}

/**
 * What puts objects back that steps have applied; only for steps that do nothing else. What several steps apply is put back where the
 * first of them is undone: with what it owns.
 */
export function asUndone(before: Resources, steps: readonly InjectionStep[]): readonly InjectionStep[] {
  const done = new Set<string>()
  const undone = steps.map((step): InjectionStep[] => {
    const objects = appliedBy(step).filter((one) => !done.has(keyOf(one)))
    for (const one of objects) done.add(keyOf(one))
    const old = objects.flatMap((one) => objectBefore(before, one) ?? [])
    const fresh = objects.filter((one) => objectBefore(before, one) === undefined)
    const references = fresh.map(({ kind, metadata: { name, namespace } }) => ({
      kind,
      name,
      ...(namespace === undefined ? {} : { namespace }),
    }))
    return [
      ...(old.length === 0 ? [] : [apply('the objects are as they were', ...old)]),
      ...(fresh.length === 0 ? [] : [remove('what was added is taken away', ...references)]),
    ]
  })
  return undone.reverse().flat()
}

function keyOf({ kind, metadata: { name, namespace = '' } }: KnownResource): string {
  return `${kind} ${namespace}/${name}`
}

function appliedBy({ event }: InjectionStep): readonly KnownResource[] {
  if (event.kind !== 'apply') return []
  return Object.values(event.objects as Resources).flatMap(
    (list: readonly OtherResource[]) => list as readonly KnownResource[],
  )
}

function objectBefore(before: Resources, object: KnownResource): KnownResource | undefined {
  const list = before[listOfKind(object.kind)] as readonly KnownResource[]
  return list.find((one) => one.metadata.name === object.metadata.name && objectKey(one) === objectKey(object))
}
