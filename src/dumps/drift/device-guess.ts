import type { WorkloadEndpoint } from '../../control/index.ts'
import type { Interface } from '../../model/index.ts'
import type { Ip } from '../../wire/index.ts'
import type { Contrast } from '../objects/compared.ts'
import type { Guess } from './finding.ts'
import { isHostEnd, isTunnelName, type Scene } from './scene.ts'

/** MTUs that manifests before v3.17 had for pods and tunnels. */
const FIXED_MTU: ReadonlySet<number> = new Set([1440, 1410])

/** What a difference of an interface is taken for. */
export function linkGuess(scene: Scene, { expected, found }: Contrast): Guess {
  const wanted = expected?.entry.of === 'link' ? expected.entry.link : undefined
  const there = found?.entry.of === 'link' ? found.entry.link : undefined
  if (wanted !== undefined && there !== undefined) return changedLink(wanted, there)
  if (wanted !== undefined) return missingLink(scene, wanted)
  if (there !== undefined && isTunnelName(there.name))
    return { cause: 'other_encapsulation', seen: `no pool of the objects needs ${there.name}` }
  const pod = there === undefined ? undefined : routedBy(scene, there.name)
  return pod === undefined ? { cause: 'stale_endpoint' } : { cause: 'moved', subject: pod.netns }
}

function missingLink(scene: Scene, { name }: Interface): Guess {
  if (!isHostEnd(name)) {
    const isDown = scene.dumped.interfaces[name]?.up === false
    return { cause: isDown ? 'link_down' : 'not_programmed', subject: name }
  }
  const pod = scene.podBehind(name)
  const elsewhere = scene.dumped.routes.find(({ dst, dev }) => isHostEnd(dev) && scene.podAt(dst) === pod)
  if (pod !== undefined && elsewhere !== undefined) return { cause: 'moved', subject: pod.netns }
  return { cause: 'pod_not_wired', ...(pod === undefined ? {} : { subject: pod.netns }) }
}

/** The pod whose address a host end has by the dump, though its name is not that of the pod. */
function routedBy({ dumped, podAt, netns }: Scene, dev: string): WorkloadEndpoint | undefined {
  const pods = dumped.routes.flatMap((route) => (route.dev === dev ? (podAt(route.dst) ?? []) : []))
  return pods.find(({ node }) => node === netns)
}

function changedLink(wanted: Interface, there: Interface): Guess {
  const subject = there.name
  if (wanted.up && !there.up) return { cause: 'link_down', subject }
  if (addressesOf(wanted) !== addressesOf(there))
    return {
      cause: 'edited',
      subject,
      seen: `its address is ${addressesOf(there) || 'none'}, not ${addressesOf(wanted)}`,
    }
  if (wanted.mtu === there.mtu) return { cause: 'edited', subject }
  const seen = `${there.mtu} instead of ${wanted.mtu}`
  const isFixed = FIXED_MTU.has(there.mtu) && !FIXED_MTU.has(wanted.mtu)
  return { cause: 'mtu', seen: isFixed ? `${seen}: what manifests before v3.17 had, or a veth_mtu` : seen }
}

function addressesOf({ addresses }: Interface): string {
  return addresses
    .filter(({ scope }) => scope === 'global')
    .map(({ local, prefixlen }) => `${local}/${prefixlen}`)
    .sort()
    .join(' ')
}

/** What a difference of a tunnel's neighbour or forwarding entry is taken for. */
export function vtepGuess(scene: Scene, { kind, expected, found }: Contrast): Guess {
  const entry = (expected ?? found)?.entry
  const address = entry?.of === 'neighbour' ? entry.neighbour.dst : entry?.of === 'fdb' ? entry.fdb.dst : undefined
  const peer = peerOf(scene, address)
  if (kind === 'missing') return { cause: 'not_programmed', ...peer }
  if (kind === 'changed')
    return { cause: 'moved', ...peer, seen: 'its VTEP was another: the node was made anew, or its address changed' }
  return peer.subject === undefined
    ? {
        cause: 'stale_node',
        ...(address === undefined ? {} : { subject: address, seen: `no node of the objects is ${address}` }),
      }
    : { cause: 'stale_node', ...peer, seen: 'its VTEP has another MAC address now' }
}

function peerOf(scene: Scene, address: Ip | undefined): { readonly subject?: string } {
  const subject = scene.nodeAt(address)
  return subject === undefined ? {} : { subject }
}
