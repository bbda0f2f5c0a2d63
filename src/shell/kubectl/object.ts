import type { OtherResource } from '../../control/index.ts'
import type { Plain } from '../../model/index.ts'
import { sorted } from '../object-text.ts'
import type { Seen } from './seen.ts'

/** Fields of an object or of a part of one, whatever they are. */
export type Fields = Readonly<Record<string, unknown>>

/** An object as JSON has it. */
export type PlainMap = { readonly [key: string]: Plain }

/** Whether a value is a map. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What is at a path of a value; undefined where there is nothing. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let now = value
  for (const key of path) now = isFields(now) && Object.hasOwn(now, key) ? now[key] : undefined
  return now ?? undefined
}

/** The text, number or truth at a path, as text. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path)
  return typeof found === 'object' || found === undefined ? undefined : String(found)
}

/** The number at a path. */
export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = at(value, ...path)
  return typeof found === 'number' ? found : undefined
}

/** The list at a path; empty where there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}

/** The map at a path; empty where there is none. */
export function mapAt(value: unknown, ...path: readonly string[]): Fields {
  const found = at(value, ...path)
  return isFields(found) ? found : {}
}

/** The texts of a map at a path. */
export function textsAt(value: unknown, ...path: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(mapAt(value, ...path)).map(([key, one]) => [key, String(one)]))
}

/** The namespace of an object. */
export function namespaceOf({ metadata }: Pick<OtherResource, 'metadata'>): string {
  return metadata.namespace ?? 'default'
}

/** A value as JSON has it: functions and what is not there are left out. */
export function plain(value: unknown): Plain {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value as Plain
  const entries = Object.entries(value).filter(([, one]) => one !== undefined && typeof one !== 'function')
  return Object.fromEntries(entries.map(([key, one]) => [key, plain(one)]))
}

/** Whether two values say the same, in whatever order their fields stand. */
export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(plain(a))) === JSON.stringify(sorted(plain(b)))
}

/** The annotation in which `kubectl apply` keeps what it was given last. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** An object as the API server would print it: with its namespace, and of a pod the addresses it has. */
export function shown(seen: Seen, object: OtherResource, namespaced: boolean): PlainMap {
  const { metadata, ...rest } = plain(object) as { readonly metadata: PlainMap } & PlainMap
  const named = namespaced ? { ...metadata, namespace: namespaceOf(object) } : metadata
  const whole = { ...rest, metadata: named }
  if (object.kind === 'Pod') return { ...whole, status: podStatus(seen, object) }
  if (object.kind === 'Namespace') return { ...whole, status: rest['status'] ?? { phase: 'Active' } }
  return whole
}

/** What is known of the status of a pod: what is stored, its address and that of its node. */
function podStatus(seen: Seen, pod: OtherResource): PlainMap {
  const stored = plain(at(pod, 'status') ?? {}) as PlainMap
  const node = textAt(pod, 'spec', 'nodeName')
  const hostIp = seen.nodes.find(({ name }) => name === node)?.ipv4?.address
  const isOnHost = at(pod, 'spec', 'hostNetwork') === true
  const own = seen.workloadEndpoints.find((one) => one.pod === pod || isOfPod(one.pod, pod))?.addresses ?? []
  const addresses = isOnHost ? (hostIp === undefined ? [] : [hostIp]) : own
  return {
    ...(hostIp === undefined ? {} : { hostIP: hostIp }),
    phase: node === undefined ? 'Pending' : 'Running',
    ...(addresses[0] === undefined ? {} : { podIP: addresses[0], podIPs: addresses.map((ip) => ({ ip })) }),
    ...stored,
  }
}

function isOfPod(a: OtherResource, b: OtherResource): boolean {
  return a.metadata.name === b.metadata.name && namespaceOf(a) === namespaceOf(b)
}
