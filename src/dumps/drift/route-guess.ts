import type { Route } from '../../model/index.ts'
import { isHostPrefix } from '../../wire/index.ts'
import type { Contrast } from '../objects/compared.ts'
import { differsOnlyIn } from './era.ts'
import type { Guess } from './finding.ts'
import { writerOfRoute } from './others.ts'
import { isBy, isHostEnd, isTunnelName, routesIn, type Scene } from './scene.ts'

/** What a difference of a route is taken for. */
export function routeGuess(scene: Scene, one: Contrast): Guess {
  const { wanted, there } = routesIn(one)
  if (wanted !== undefined && there !== undefined) return changed(scene, one, wanted, there)
  if (wanted !== undefined) return missing(scene, one, wanted)
  if (there !== undefined) return extra(scene, there)
  return { cause: 'edited' }
}

function missing(scene: Scene, one: Contrast, wanted: Route): Guess {
  const pod = isHostEnd(wanted.dev) ? scene.podAt(wanted.dst) : undefined
  if (pod !== undefined) {
    const hasEnd = scene.dumped.interfaces[pod.interfaceName] !== undefined
    return { cause: hasEnd ? 'not_programmed' : 'pod_not_wired', subject: pod.netns }
  }
  const owner = scene.ownerOf(wanted.dst)
  const subject = owner === undefined || owner === scene.netns ? {} : { subject: owner }
  return { cause: isBy(one, 'bird') ? 'not_announced' : 'not_programmed', ...subject }
}

function changed(scene: Scene, one: Contrast, wanted: Route, there: Route): Guess {
  if (isForeign(there, wanted)) return foreign(there)
  if (wanted.protocol !== there.protocol && differsOnlyIn(one, ['protocol', 'mtu']))
    return { cause: 'other_setting', seen: `protocol ${there.protocol} instead of ${wanted.protocol}` }
  if (wanted.type !== there.type) return { cause: 'edited', seen: `${there.type} instead of ${wanted.type}` }
  if (isHostEnd(wanted.dev) && isHostEnd(there.dev)) {
    const pod = scene.podAt(wanted.dst)
    const is = scene.podBehind(there.dev ?? '')
    const seen = is === undefined ? `no pod of the objects is behind ${there.dev}` : `${there.dev} is of ${is.netns}`
    return { cause: 'moved', ...(pod === undefined ? {} : { subject: pod.netns }), seen }
  }
  const [from, to] = [scene.nodeAt(wanted.via), scene.nodeAt(there.via)]
  if (wanted.via !== there.via && to !== undefined && to !== from)
    return {
      cause: 'moved',
      subject: there.dst,
      seen: `it leads to ${to}${from === undefined ? '' : `, not to ${from}`}`,
    }
  if (wanted.dev !== there.dev && (isTunnelName(wanted.dev) || isTunnelName(there.dev)))
    return {
      cause: 'other_encapsulation',
      seen: `by ${there.dev ?? there.type} instead of ${wanted.dev ?? wanted.type}`,
    }
  if (wanted.via !== there.via && there.via !== undefined && to === undefined)
    return { cause: 'edited', subject: there.dst, seen: `no node of the objects is ${there.via}` }
  return { cause: 'edited', subject: there.dst }
}

function extra(scene: Scene, there: Route): Guess {
  const isOwn = there.protocol === 'bird' || there.protocol === '80'
  if (isHostEnd(there.dev)) {
    const owner = scene.podBehind(there.dev ?? '')
    return owner === undefined
      ? { cause: 'stale_endpoint' }
      : { cause: 'stale_route', subject: owner.netns, seen: `${owner.netns} has no such address` }
  }
  if (!isOwn && !isTunnelName(there.dev)) return foreign(there)
  if (!scene.inPool(there.dst))
    return there.protocol === 'bird' ? { cause: 'external_route' } : { cause: 'stale_route', seen: 'no pool has it' }
  if (there.type === 'blackhole')
    return { cause: 'stale_route', subject: there.dst, seen: 'no block of this node is it' }
  const to = scene.nodeAt(there.via)
  if (to === undefined && there.via !== undefined)
    return { cause: 'stale_node', subject: there.via, seen: `no node of the objects is ${there.via}` }
  const whose = scene.ownerOf(there.dst)
  const what = isHostPrefix(there.dst) ? 'address is borrowed' : 'node has this block'
  const seen = whose === undefined ? `by the objects no ${what}` : `by the objects ${whose} has it`
  return { cause: 'stale_route', subject: there.dst, seen }
}

/** Neither of Felix nor of BIRD, where one of them is expected. */
function isForeign(there: Route, wanted: Route): boolean {
  if (there.protocol === wanted.protocol || there.protocol === 'bird' || there.protocol === '80') return false
  return !isHostEnd(there.dev) && !isTunnelName(there.dev)
}

function foreign(there: Route): Guess {
  const who = writerOfRoute(there)
  if (who !== undefined) return { cause: 'other_component', subject: who }
  return { cause: 'foreign_route', seen: `protocol ${there.protocol}: what a person or a script types` }
}
