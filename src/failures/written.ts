import type { OtherResource } from '../control/index.ts'
import { isRecord } from '../model/index.ts'
import type { FailureAsk, Injection, InjectionStep } from './injection.ts'

/** An object as a file has it. */
export type WrittenObject = Readonly<Record<string, unknown>>

/** Objects that a step applies, as a file has them. */
export function objectsOf({ event }: InjectionStep): WrittenObject[] {
  if (event.kind !== 'apply') return []
  const lists: readonly (readonly OtherResource[])[] = Object.values(event.objects)
  return lists
    .flat()
    .map(
      ({ apiVersion, kind, metadata, ...content }) =>
        plain({ apiVersion, kind, metadata, ...content }) as WrittenObject,
    )
}

/** A value without what only a program knows of it: where it was read. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (!isRecord(value)) return value
  const kept = Object.entries(value).filter(([, field]) => field !== undefined && typeof field !== 'function')
  return Object.fromEntries(kept.map(([key, field]) => [key, plain(field)]))
}

/** What is done in a step, in one line: a command behind its prompt, or what happens. */
export function lineOf({ event }: InjectionStep): string {
  switch (event.kind) {
    case 'apply':
      return `kubectl apply: ${namesOf(Object.values(event.objects).flat())}`
    case 'delete':
      return `kubectl delete: ${event.objects.map(({ kind, name }) => `${kind}/${name}`).join(', ')}`
    case 'agent':
      return `${event.action} ${event.agent}${event.node === undefined ? '' : ` on ${event.node}`}`
    case 'machine':
      return `${event.action} ${event.node}`
    case 'command':
      return `${event.host}$ ${event.line}`
  }
}

function namesOf(objects: readonly OtherResource[]): string {
  return objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`).join(', ')
}

/** Seconds between two steps of a timeline. */
const BETWEEN = 1

/** A Timeline that brings a failure about, and asks what shows it: for `packetwalk run`. */
export function timelineOf(name: string, { steps, shows }: Injection): WrittenObject {
  return {
    apiVersion: 'packetwalk/v1',
    kind: 'Timeline',
    metadata: { name: name.toLowerCase() },
    spec: {
      delays: 'instant',
      until: `${(steps.length + 5) * BETWEEN}s`,
      probes: shows.flatMap(({ ask, before }) => (before === undefined ? [] : [probeOf(ask)])),
      events: steps.map((step, i) => ({ at: `${(i + 1) * BETWEEN}s`, title: step.says, ...actionOf(step) })),
    },
  }
}

function probeOf({ kind, from, to, port, size }: FailureAsk): WrittenObject {
  const ends = { from, to }
  if (kind !== 'ping') return { name: `${kind} ${from} to ${to}`, every: '1s', [kind]: { ...ends, port } }
  return { name: `ping ${from} to ${to}`, every: '1s', ping: { ...ends, ...(size === undefined ? {} : { size }) } }
}

function actionOf(step: InjectionStep): WrittenObject {
  const { event } = step
  switch (event.kind) {
    case 'apply':
      return { apply: objectsOf(step) }
    case 'delete':
      return { delete: event.objects }
    case 'agent': {
      const { agent, node, action } = event
      return { agent: { name: agent, ...(node === undefined ? {} : { node }), action } }
    }
    case 'machine':
      return { machine: { node: event.node, action: event.action } }
    case 'command':
      return { run: `${event.host}$ ${event.line}` }
  }
}
