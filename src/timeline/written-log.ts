import { objectName, stateChanges } from '../control/index.ts'
import { changesBetween, isLazy, type Network } from '../model/index.ts'
import { agentState } from './agents.ts'
import type { Agent } from './event.ts'
import type { Actor, LogEntry } from './log-entry.ts'
import type { RunningState } from './running-state.ts'
import type { EditedObject, ObjectsEdit } from './stored-objects.ts'

type Common = Pick<LogEntry, 'at' | 'event' | 'actor'>

/** Who edits objects where nobody asked: kubelets tell how their pods and nodes are, controllers make what is wanted. */
function editorOf({ op, object }: EditedObject): Actor {
  return op !== 'add' && (object.kind === 'Pod' || object.kind === 'Node') ? 'kubelet' : 'kube-controller-manager'
}

/** What the log says of objects that were stored. @param asked - how many of them a user edited */
export function entriesOfObjects({ objects }: ObjectsEdit, asked: number, common: Omit<Common, 'actor'>): LogEntry[] {
  return objects.map((edited, i) => {
    const actor = i < asked ? 'user' : editorOf(edited)
    return { ...common, actor, op: edited.op, thing: 'object', what: objectName(edited.object) }
  })
}

/** What the log says of a program that was stopped or started. */
export function entriesOfAgent(
  before: RunningState,
  after: RunningState,
  {
    agent,
    node,
    event,
    at,
  }: { readonly agent: Agent; readonly node: string | undefined; readonly event: number; readonly at: number },
): LogEntry[] {
  const entryOf = (place: string | undefined): LogEntry[] => {
    const state = agentState(after, agent, place)
    if (agentState(before, agent, place) === state) return []
    const where = place === undefined ? {} : { netns: place }
    return [{ at, event, actor: 'user', ...where, op: 'replace', thing: 'agent', what: `${agent} ${state}` }]
  }
  const [whole] = entryOf(node)
  if (whole !== undefined || node !== undefined) return whole === undefined ? [] : [whole]
  // Nothing is otherwise where it is as everywhere: it was not on some nodes.
  return after.newest.cluster.nodes.flatMap(({ name }) => entryOf(name))
}

/** What the log says of the namespaces that are others than before: nodes that are followed by themselves, and their pods. */
export function entriesOfNetwork(was: Network, fresh: Network, state: RunningState, common: Common): LogEntry[] {
  const changes = changesBetween(was.namespaces, fresh.namespaces)
  return namesToTell(changes?.names, state, was, fresh).flatMap((name) =>
    stateChanges(was, fresh, name).map(({ was: _, ...change }) => ({ ...common, netns: name, ...change })),
  )
}

/** Up to this many namespaces all are compared where nothing tells which are others. */
const FEW = 256

function namesToTell(
  known: readonly string[] | undefined,
  { nodes, newest }: RunningState,
  was: Network,
  fresh: Network,
): readonly string[] {
  if (known !== undefined) return known
  const isLarge = isLazy(fresh.namespaces) || newest.cluster.nodes.length > nodes.size
  if (isLarge) return [...nodes.keys()]
  const all = [...new Set([...Object.keys(was.namespaces), ...Object.keys(fresh.namespaces)])]
  return all.length > 2 * FEW ? [...nodes.keys()] : all
}
