import { familyOf } from '../wire/index.ts'
import { type Facts, isAssumed } from './facts.ts'

/** Commands that ask the API server, so that it does not matter where they are typed. */
const ANYWHERE = /^(kubectl|calicoctl (get|ipam)) /

/**
 * A command with the place to type it in: in a pod of the cluster by kubectl, else on the machine. What nobody described is
 * somebody’s all the same: whoever runs the network types it there.
 */
export function commandAt(facts: Pick<Facts, 'podNameOf' | 'network'>, netns: string, command: string): string {
  if (ANYWHERE.test(command)) return command
  const pod = facts.podNameOf(netns)
  if (pod !== undefined) return `kubectl exec -n ${pod.namespace} ${pod.name} -- ${command}`
  return `${command}   (on ${netns}${isNobodys(facts, netns) ? `${addressOf(facts, netns)}: ask whoever runs it` : ''})`
}

/** Whether a router or the world beyond it was made up, so that nobody has a shell there. */
export function isNobodys({ network }: Pick<Facts, 'network'>, netns: string): boolean {
  const ns = network.namespaces[netns]
  return isAssumed(ns) && (ns?.role === 'router' || ns?.role === 'external')
}

function addressOf({ network }: Pick<Facts, 'network'>, netns: string): string {
  const devs = Object.values(network.namespaces[netns]?.interfaces ?? {})
  const own = devs.flatMap(({ kind, addresses }) => (kind === 'ethernet' ? addresses : [])).at(0)
  return own === undefined ? '' : `, ${own.local}`
}

/** `-6 ` for tools that must be told the family of an address or prefix. */
export function six(address: string): string {
  return familyOf(address) === 6 ? '-6 ' : ''
}
