import { type Route, tableId } from '../../model/index.ts'
import type { Contrast } from '../objects/compared.ts'
import { hasChainsOf, writerOf } from './chains.ts'
import type { Guess } from './finding.ts'
import { isBy, isTunnelName, routesIn, type Scene } from './scene.ts'

/** What is missing in whole, and what of the differences follows from it. */
export interface Absence {
  readonly guess: Guess
  readonly explains: (one: Contrast) => boolean
}

/** Agents of which nothing is there, sessions by which nothing came, and rules that are all gone. */
export function absences(scene: Scene, contrasts: readonly Contrast[]): Absence[] {
  const felix = felixAbsent(scene, contrasts)
  return [
    ...(felix === undefined ? flushed(scene) : [felix]),
    ...birdAbsent(scene, contrasts),
    ...kubeProxyAbsent(scene),
  ]
}

function felixAbsent({ routes, derived, dumped }: Scene, contrasts: readonly Contrast[]): Absence | undefined {
  const expected = routes.filter((route) => isWrittenBy(route, 'felix'))
  const missing = contrasts.filter((one) => one.kind === 'missing' && one.table === 'route' && isBy(one, 'felix'))
  if (expected.length === 0 || missing.length < expected.length) return undefined
  const hasTunnel = Object.values(dumped.interfaces).some(({ name, up }) => isTunnelName(name) && up)
  const saysRules = dumped.iptables !== undefined && hasChainsOf(derived, 'felix')
  if (hasTunnel || hasChainsOf(dumped, 'felix') || (expected.length < 2 && !saysRules)) return undefined
  const seen = `none of ${expected.length} route${expected.length === 1 ? '' : 's'}${saysRules ? ', no chain cali-*' : ''} and no tunnel of Felix is there`
  return {
    guess: { cause: 'felix_not_running', seen },
    explains: (one) =>
      one.table !== 'rule' &&
      !isBy(one, 'bird') &&
      !isBy(one, 'cni') &&
      one.kind !== 'extra' &&
      (one.kind === 'missing' || one.table === 'sysctl') &&
      !isOfKubeProxy(one),
  }
}

function flushed({ derived, dumped }: Scene): Absence[] {
  if (dumped.iptables === undefined || !hasChainsOf(derived, 'felix') || hasChainsOf(dumped, 'felix')) return []
  const seen = 'Felix’ routes are there and no chain cali-* is'
  return [{ guess: { cause: 'rules_flushed', seen }, explains: (one) => one.table === 'chain' && !isOfKubeProxy(one) }]
}

function kubeProxyAbsent({ derived, dumped }: Scene): Absence[] {
  if (dumped.iptables === undefined || !hasChainsOf(derived, 'kube-proxy') || hasChainsOf(dumped, 'kube-proxy'))
    return []
  return [{ guess: { cause: 'kube_proxy_not_running' }, explains: isOfKubeProxy }]
}

function isOfKubeProxy({ expected, found }: Contrast): boolean {
  const entry = (expected ?? found)?.entry
  return entry?.of === 'chain' && writerOf(entry.chain.chain) === 'kube-proxy'
}

function birdAbsent(scene: Scene, contrasts: readonly Contrast[]): Absence[] {
  const { routes, dumped, ownerOf } = scene
  const expected = routes.filter((route) => isWrittenBy(route, 'bird'))
  const missing = contrasts.filter((one) => one.kind === 'missing' && one.table === 'route' && isBy(one, 'bird'))
  if (missing.length === 0) return []
  const explains = (one: Contrast): boolean => missing.includes(one)
  if (missing.length === expected.length && !dumped.routes.some(({ protocol }) => protocol === 'bird'))
    return [
      { guess: { cause: 'bird_not_running', seen: `none of ${count(expected.length)} of BIRD is there` }, explains },
    ]
  const lost = lostPeers(expected, missing, ownerOf)
  const peers = new Set(expected.filter(isLearned).map(({ dst }) => ownerOf(dst) ?? ''))
  const isLost = (one: Contrast): boolean => explains(one) && lost.has(peerOf(one, ownerOf))
  if (lost.size === peers.size && peers.size > 1)
    return [
      {
        guess: { cause: 'no_bgp_session', seen: `BIRD’s own routes are there, and none of ${peers.size} nodes` },
        explains: isLost,
      },
    ]
  return [...lost].map((subject) => ({
    guess: { cause: 'bgp_session_down', subject },
    explains: (one) => explains(one) && peerOf(one, ownerOf) === subject,
  }))
}

/** Nodes of which no route is there. */
function lostPeers(
  expected: readonly Route[],
  missing: readonly Contrast[],
  ownerOf: Scene['ownerOf'],
): ReadonlySet<string> {
  const gone = new Set(missing.map((one) => routesIn(one).wanted))
  const peers = new Set(missing.map((one) => peerOf(one, ownerOf)).filter((peer) => peer !== ''))
  const dsts = new Set([...gone].map((route) => route?.dst))
  for (const route of expected) if (isLearned(route) && !dsts.has(route.dst)) peers.delete(ownerOf(route.dst) ?? '')
  return peers
}

function peerOf(one: Contrast, ownerOf: Scene['ownerOf']): string {
  const { wanted } = routesIn(one)
  return wanted !== undefined && isBy(one, 'bird') && isLearned(wanted) ? (ownerOf(wanted.dst) ?? '') : ''
}

/** From another node, not the own block. */
function isLearned({ type }: Route): boolean {
  return type === 'unicast'
}

function isWrittenBy({ origin, protocol, table }: Route, component: 'felix' | 'bird'): boolean {
  return origin?.component === component && protocol !== 'kernel' && tableId(table) !== tableId('local')
}

function count(routes: number): string {
  return routes === 1 ? '1 route' : `${routes} routes`
}
