import { objectName } from '../control/index.ts'
import { changesBetween, type Namespace, type Network, type Route } from '../model/index.ts'
import { agentState } from './agents.ts'
import type { Agent } from './event.ts'
import type { LogEntry } from './log-entry.ts'
import type { RunningState } from './running-state.ts'
import type { ObjectsEdit } from './stored-objects.ts'

type Common = Pick<LogEntry, 'at' | 'event' | 'actor'>

/** What the log says of objects that were stored. */
export function entriesOfObjects({ objects }: ObjectsEdit, common: Common): LogEntry[] {
  return objects.map(({ op, object }) => ({ ...common, op, thing: 'object', what: objectName(object) }))
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
  const state = agentState(after, agent, node)
  if (agentState(before, agent, node) === state) return []
  const where = node === undefined ? {} : { netns: node }
  return [{ at, event, actor: 'user', ...where, op: 'replace', thing: 'agent', what: `${agent} ${state}` }]
}

function routeText({ dst, via, dev, type }: Route): string {
  const kind = type === 'unicast' ? '' : `${type} `
  return `${kind}${dst}${via === undefined ? '' : ` via ${via}`}${dev === undefined ? '' : ` dev ${dev}`}`
}

/** What the log says of the namespaces that are others than before. */
export function entriesOfNetwork(was: Network, fresh: Network, state: RunningState, common: Common): LogEntry[] {
  const changes = changesBetween(was.namespaces, fresh.namespaces)
  const names = changes === undefined ? [...state.nodes.keys()] : changes.names
  return names.flatMap((name) => {
    const [old, now] = [was.namespaces[name], fresh.namespaces[name]]
    if (old === now) return []
    if (old === undefined || now === undefined)
      return [
        { ...common, netns: name, op: old === undefined ? 'add' : 'delete', thing: 'namespace', what: name } as const,
      ]
    return changesOf(old, now, { ...common, netns: name })
  })
}

function changesOf(was: Namespace, fresh: Namespace, common: Common & { readonly netns: string }): LogEntry[] {
  const before = new Set(was.routes.map(routeText))
  const after = new Set(fresh.routes.map(routeText))
  return [
    ...fresh.routes.flatMap((route): LogEntry[] =>
      before.has(routeText(route))
        ? []
        : [
            {
              ...common,
              op: 'add',
              thing: 'route',
              what: routeText(route),
              ...(route.origin === undefined ? {} : { origin: route.origin }),
            },
          ],
    ),
    ...was.routes.flatMap((route): LogEntry[] =>
      after.has(routeText(route)) ? [] : [{ ...common, op: 'delete', thing: 'route', what: routeText(route) }],
    ),
  ]
}
