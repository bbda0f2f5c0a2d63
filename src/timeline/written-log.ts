import { objectName } from '../control/index.ts'
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
