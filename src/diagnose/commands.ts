import { familyOf } from '../wire/index.ts'
import type { Facts } from './facts.ts'

/** Commands that ask the API server, so that it does not matter where they are typed. */
const ANYWHERE = /^(kubectl|calicoctl (get|ipam)) /

/** A command with the place to type it in: in a pod of the cluster by kubectl, else on the machine. */
export function commandAt(facts: Pick<Facts, 'podNameOf'>, netns: string, command: string): string {
  if (ANYWHERE.test(command)) return command
  const pod = facts.podNameOf(netns)
  return pod === undefined ? `${command}   (on ${netns})` : `kubectl exec -n ${pod.namespace} ${pod.name} -- ${command}`
}

/** `-6 ` for tools that must be told the family of an address or prefix. */
export function six(address: string): string {
  return familyOf(address) === 6 ? '-6 ' : ''
}
