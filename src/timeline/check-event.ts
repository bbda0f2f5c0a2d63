import { type Cluster, leakedIn, type ObjectDeletion } from '../control/index.ts'
import { didYouMean, InputError, type Issue, isRecord, type Network, namesIn } from '../model/index.ts'
import { type Ip, parseIp } from '../wire/index.ts'
import { AGENT_ACTIONS, CLUSTER_AGENTS, NODE_AGENTS } from './agents.ts'
import type { ClusterEvent, MachineAction } from './event.ts'
import { typhasIn } from './typhas.ts'

/** What is there for events to be about. */
export interface EventGround {
  /** Whether there is a node of this name. */
  readonly hasNode: (name: string) => boolean
  /** Names of nodes, for who misspelled one. */
  readonly nodes: () => readonly string[]
  /** Whether there is a network namespace of this name. */
  readonly hasHost: (name: string) => boolean
  /** Nodes on which a Typha runs. */
  readonly typhas: () => readonly string[]
  readonly hosts: () => readonly string[]
  /** Whether IPAM holds an address for a pod that is gone. */
  readonly isLeaked: (address: Ip) => boolean
}

/** What there is. */
export function groundOf(cluster: Cluster, { namespaces }: Network): EventGround {
  const { nodes, resources } = cluster
  return {
    isLeaked: (address) => parseIp(String(address)) === address && leakedIn(cluster, [address]).length > 0,
    hasNode: (name) => nodes.some((node) => node.name === name),
    nodes: () => nodes.map(({ name }) => name),
    hasHost: (name) => typeof name === 'string' && Object.hasOwn(namespaces, name),
    typhas: () => typhasIn(resources),
    hosts: () => namesIn(namespaces),
  }
}

const MACHINE_ACTIONS: readonly MachineAction[] = ['shutdown', 'crash', 'start', 'reboot']
const KINDS: readonly ClusterEvent['kind'][] = ['apply', 'delete', 'release', 'agent', 'machine', 'command']

/** Refuses an event that is about nothing that there is. @throws InputError with the nearest right name */
export function checkEvent(event: ClusterEvent, ground: EventGround): void {
  if (!isRecord(event)) throw refused('invalid', ['event'], 'an event: { kind, … }', String(event))
  oneOf(event, 'kind', KINDS)
  switch (event.kind) {
    case 'apply':
      if (!isRecord(event.objects)) throw refused('invalid', ['objects'], 'lists of objects by kind', 'none')
      return
    case 'delete':
      if (!Array.isArray(event.objects)) throw refused('invalid', ['objects'], 'a list of references', 'none')
      for (const one of event.objects) checkGrace(one)
      return
    case 'release': {
      if (!Array.isArray(event.addresses)) throw refused('invalid', ['addresses'], 'a list of addresses', 'none')
      const held = event.addresses.find((address) => !ground.isLeaked(address))
      if (held === undefined) return
      throw refused('invalid', ['addresses'], 'addresses that IPAM holds and nobody has', `"${held}"`)
    }
    case 'agent': {
      oneOf(event, 'agent', [...NODE_AGENTS, ...CLUSTER_AGENTS])
      oneOf(event, 'action', AGENT_ACTIONS)
      if (event.node === undefined) return
      if (event.agent === 'typha') {
        checkTypha(event.node, ground.typhas())
        return
      }
      if (CLUSTER_AGENTS.some((one) => one === event.agent)) {
        throw refused('invalid', ['node'], `no node: a cluster has one ${event.agent}`, `"${event.node}"`)
      }
      checkNode(event.node, ground)
      return
    }
    case 'machine':
      oneOf(event, 'action', MACHINE_ACTIONS)
      checkNode(event.node, ground)
      return
    case 'command':
      if (typeof event.line !== 'string') throw refused('invalid', ['line'], 'a command line', String(event.line))
      if (ground.hasHost(event.host)) return
      throw refused('missing_reference', ['host'], didYouMean(event.host, ground.hosts()), `"${event.host}"`)
  }
}

/** A grace of a deletion is one that kubectl takes. */
function checkGrace(deletion: ObjectDeletion): void {
  if (!isRecord(deletion)) return
  const { gracePeriodSeconds: grace = 0, force = false } = deletion
  if (typeof grace !== 'number' || !Number.isInteger(grace) || grace < 0)
    throw refused('invalid', ['gracePeriodSeconds'], 'seconds, 0 and more', show(grace))
  if (typeof force !== 'boolean') throw refused('invalid', ['force'], 'true or false', show(force))
  if (force && grace > 0) throw refused('invalid', ['gracePeriodSeconds'], '0 or nothing with force: true', show(grace))
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}

function checkTypha(node: string, typhas: readonly string[]): void {
  if (typhas.includes(node)) return
  const none = 'no node, which means all of Typha: no pod of calico-typha runs among the objects'
  const expected = typhas.length === 0 ? none : `a node where Typha runs: ${didYouMean(String(node), typhas)}`
  throw refused('missing_reference', ['node'], expected, `"${node}"`)
}

function checkNode(node: string, { hasNode, nodes }: EventGround): void {
  if (hasNode(node)) return
  const names = nodes()
  const expected = names.length === 0 ? 'a node: there is none' : `a node; ${didYouMean(String(node), names)}`
  throw refused('missing_reference', ['node'], expected, `"${node}"`)
}

function oneOf(event: object, field: string, words: readonly string[]): void {
  const value = (event as Readonly<Record<string, unknown>>)[field]
  if (typeof value === 'string' && words.includes(value)) return
  const expected = `one of ${words.join(', ')}${typeof value === 'string' ? `; ${didYouMean(value, words)}` : ''}`
  throw refused('invalid', [field], expected, value === undefined ? 'nothing' : `"${String(value)}"`)
}

/** An error of one issue. */
export function refused(kind: Issue['kind'], path: readonly string[], expected: string, received: string): InputError {
  return new InputError([{ kind, file: '', path, expected, received }])
}
