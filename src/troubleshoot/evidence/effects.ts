import type { FailureCode } from '../../failures/index.ts'
import { contains, type Ip, type Prefix, parseIp } from '../../wire/index.ts'
import type { DecidedPlace } from '../deciders/place.ts'
import {
  decides,
  excludes,
  type Ground,
  LEAVING,
  type Reading,
  ROUTES,
  type Speaker,
  supports,
  TOTAL,
  UNDERLAY,
} from './effect.ts'
import type { Observation, Of } from './fact.ts'
import {
  connectionReading,
  counterReading,
  endpointsReading,
  hopReading,
  listenerReading,
  pathMtuReading,
  socketReading,
  triedReading,
} from './probe-effects.ts'

type Codes = readonly FailureCode[]

const BY_FILTER: readonly (readonly [RegExp, Codes])[] = [
  [/proto 4|proto ipip|ip\[9\]/, ['F01', 'F02']],
  [/4789|8472|vxlan/, ['F03', 'F04']],
  [/51820|wireguard/, ['F18']],
  [/host |net /, ['F06', 'F07']],
]

/** Words in rules that say who made them, or what they are for. */
const BY_RULE: readonly (readonly [RegExp, Codes])[] = [
  [/non-Calico hosts|IPIP packets from|VXLAN packets from/i, ['F11']],
  [/originating in workloads/i, ['F14']],
  [/rpfilter/i, ['F48', 'F10']],
  [/ctstate INVALID|state INVALID/i, ['F57']],
  [/has no endpoints/i, ['F76']],
  [/has no local endpoints/i, ['F81']],
  [/Unknown interface|unknown interface/i, ['F87']],
  [/wl-to-host|endpointToHost/i, ['F70']],
  [/no policies passed|End of tier|end of tier|no profiles matched/i, ['F63', 'F60']],
  [/seen mark/i, ['F84']],
]

/** Whether a prompt is that of a pod: `web-0`, as the pod calls itself, or `shop/web-0`. */
function isPodNamed(host: string, pod: string): boolean {
  return host === pod || pod.endsWith(`/${host}`)
}

/** What a fact of the real cluster says of candidates. */
export function readingOf({ fact, line }: Observation, { place, way }: Ground): Reading | undefined {
  const where = line.host === '' ? '' : `${line.host}: `
  const isSender = line.host === '' || line.host === place.node || isPodNamed(line.host, place.from)
  const isPeer = line.host === place.peer && place.peer !== place.node
  const speaker: Speaker = { where, isSender, isPeer, place, way }
  switch (fact.kind) {
    case 'route':
      return routeReading(fact, where, place, isPeer)
    case 'no-route':
      return { says: `${where}no route`, effects: supports('F47', 'F34', 'F42', 'F36') }
    case 'ping':
      return pingReading(fact, where, place)
    case 'icmp':
      return icmpReading(fact.says, where)
    case 'link': {
      if (fact.dev !== place.tunnel && !TUNNELS.test(fact.dev))
        return { says: `${where}${fact.dev} is ${fact.isUp ? 'up' : 'down'}`, effects: [] }
      return {
        says: `${where}${fact.dev} is ${fact.isUp ? 'up' : 'down'}`,
        effects: fact.isUp ? excludes('F12') : decides('F12'),
      }
    }
    case 'no-link':
      return {
        says: `${where}${fact.dev} is not there`,
        effects: fact.dev.startsWith('cali') ? decides('F59') : decides('F12'),
      }
    case 'session':
      return sessionReading(fact, where)
    case 'no-sessions':
      return { says: `${where}BGP has no peers`, effects: decides('F36') }
    case 'frame':
      return frameReading(fact, speaker)
    case 'bad-checksum':
      return { says: `${where}checksums of packets are wrong`, effects: decides('F05') }
    case 'unanswered-arp':
      return {
        says: `${where}somebody asks for ${fact.target}`,
        effects: fact.target === '169.254.1.1' ? supports('F45') : supports('F58'),
      }
    case 'no-frames': {
      const codes = BY_FILTER.find(([words]) => words.test(fact.filter))?.[1] ?? []
      return isSender && !isPeer
        ? { says: `${where}nothing leaves`, effects: [...supports(...LEAVING), ...excludes(...UNDERLAY)] }
        : { says: `${where}nothing arrives`, effects: supports(...codes) }
    }
    case 'chain-policy': {
      if (fact.chain !== 'FORWARD')
        return { says: `${where}${fact.chain} ${fact.drops ? 'drops' : 'accepts'} by default`, effects: [] }
      if (!fact.drops) return { says: `${where}FORWARD accepts by default`, effects: excludes('F50') }
      return {
        says: `${where}FORWARD drops by default${fact.packets > 0 ? `, ${fact.packets} packets` : ''}`,
        effects: fact.packets > 0 ? decides('F50') : supports('F50'),
      }
    }
    case 'rule':
      return ruleReading(fact, where)
    case 'counter':
      return counterReading(fact, where)
    case 'sysctl':
      return sysctlReading(fact, where)
    case 'kernel':
      return { says: `${where}the kernel says so: ${line.text.trim()}`, effects: decides(fact.failure) }
    case 'event':
      return { says: `${where}${line.text.trim()}`, effects: decides(fact.failure) }
    case 'pod':
      return podReading(fact, place)
    case 'node':
      return {
        says: `node ${fact.name} is ${fact.isReady ? '' : 'not '}ready`,
        effects: fact.isReady ? [] : supports('F87', 'F41', 'F35'),
      }
    case 'pool':
      return {
        says: `IPPool ${fact.name}: natOutgoing ${fact.nat}, disabled ${fact.isDisabled}`,
        effects: [...(fact.nat ? excludes('F73') : supports('F73')), ...(fact.isDisabled ? decides('F28') : [])],
      }
    case 'member': {
      const isPools = /pools/.test(fact.set)
      const says = `${where}${fact.address} is ${fact.isIn ? '' : 'not '}in ${fact.set}`
      if (isPools) return { says, effects: fact.isIn ? decides('F74') : excludes('F74') }
      return { says, effects: fact.isIn ? excludes('F11') : decides('F11') }
    }
    case 'no-bird':
      return { says: `${where}BIRD does not run`, effects: decides('F41') }
    case 'hop':
      return hopReading(fact, line, speaker)
    case 'path-mtu':
      return pathMtuReading(fact, speaker)
    case 'tried':
      return triedReading(fact, speaker)
    case 'connection':
      return connectionReading(fact, speaker)
    case 'endpoints':
      return endpointsReading(fact, speaker)
    case 'socket':
      return socketReading(fact, speaker)
    case 'listener':
      return listenerReading(fact, speaker)
    case 'lost':
      return {
        says: `${where}an interface has ${fact.value} packets under ${fact.what}`,
        effects: [],
        ...(fact.value > 0 ? { isTold: true } : {}),
      }
    case 'nothing':
      return undefined
  }
}

const TUNNELS = /^(tunl0|vxlan|wireguard|wg)/
const FOREIGN = /^(cni\d|cbr\d|flannel|weave|cilium|kube-bridge|docker|podman|br-)/

function isIn(dst: string, target: string): boolean {
  if (parseIp(target) === undefined || dst === '' || dst.includes(':') !== target.includes(':')) return false
  return contains((dst.includes('/') ? dst : `${dst}/${dst.includes(':') ? 128 : 32}`) as Prefix, target as Ip)
}

function routeReading(
  { type, dst, dev, via, isAsked }: Of<'route'>,
  where: string,
  place: DecidedPlace,
  isPeer: boolean,
): Reading {
  const isDefault = dst.endsWith('/0')
  const target = isPeer ? place.source : place.target
  const concerns = isAsked || (!isDefault && isIn(dst, target))
  if (!concerns) return { says: `${where}a route to ${dst}`, effects: [] }
  if (type === 'blackhole' || type === 'unreachable' || type === 'prohibit')
    return { says: `${where}a ${type} route takes ${target}`, effects: isAsked ? decides('F44') : [] }
  if (FOREIGN.test(dev)) return { says: `${where}${target} goes by ${dev}`, effects: decides('F43') }
  if (TUNNELS.test(dev))
    return {
      says: `${where}the route is there: ${target} goes by ${dev}`,
      effects: excludes(...ROUTES, 'F08', 'F06', 'F07', 'F44'),
    }
  if (dev.startsWith('cali'))
    return { says: `${where}${target} is behind ${dev} here`, effects: excludes('F44', 'F59', 'F42') }
  if (via === place.peerAddress)
    return {
      says: `${where}the route is there: ${target} goes to ${via} without a tunnel`,
      effects: [...excludes(...ROUTES, 'F01', 'F02', 'F03', 'F04', 'F18', 'F12'), ...supports('F06', 'F07')],
    }
  if (isAsked && via !== '')
    return {
      says: `${where}${target} takes the default route, by ${via}`,
      effects: [...supports('F34', 'F42', 'F36', 'F41', 'F87', 'F08'), ...excludes('F01', 'F02', 'F03', 'F04', 'F18')],
    }
  return { says: `${where}a route to ${dst}${dev === '' ? '' : ` by ${dev}`}`, effects: [] }
}

function pingReading({ to, size, received }: Of<'ping'>, where: string, place: DecidedPlace): Reading {
  const says = `${where}ping ${to} of ${size} bytes ${received > 0 ? 'is answered' : 'is lost'}`
  if (to === place.peerAddress) return { says, effects: received > 0 ? excludes('F21', 'F35') : supports('F21', 'F51') }
  if (to !== '' && to !== place.target && to !== place.source) return { says, effects: [] }
  if (size >= LARGE)
    return { says, effects: received > 0 ? excludes('F15', 'F16', 'F17') : supports('F15', 'F16', 'F17') }
  return { says, effects: received > 0 ? excludes(...TOTAL) : excludes('F83', 'F57') }
}

/** Bytes from which a ping asks for the MTU. */
const LARGE = 1_200

function icmpReading(says: Of<'icmp'>['says'], where: string): Reading {
  switch (says) {
    case 'prohibited':
      return { says: `${where}a firewall answers: administratively prohibited`, effects: decides('F51') }
    case 'unreachable':
      return { says: `${where}host unreachable: nobody answers for it`, effects: supports('F45', 'F58', 'F08', 'F51') }
    case 'frag-needed':
      return { says: `${where}fragmentation needed is told`, effects: [...supports('F15', 'F16'), ...excludes('F17')] }
  }
}

function sessionReading({ peer, isUp, info }: Of<'session'>, where: string): Reading {
  const says = `${where}BGP with ${peer}: ${info}`
  if (isUp) return { says, effects: excludes('F34', 'F36', 'F38', 'F39') }
  if (/bad peer as/i.test(info)) return { says, effects: decides('F38') }
  if (/bad bgp identifier/i.test(info)) return { says, effects: decides('F39') }
  return { says, effects: decides('F34') }
}

function frameReading(
  { outer, source, destination, isIn: comesIn }: Of<'frame'>,
  { where, isPeer, isSender, place, way }: Speaker,
): Reading | undefined {
  const ofTunnel = outer !== 'plain'
  const concerns = ofTunnel || [source, destination].some((one) => one === place.target || one === place.source)
  if (!concerns || way?.kind === 'local') return undefined
  if (isPeer || comesIn)
    return { says: `${where}the packet arrives (${outer})`, effects: excludes(...UNDERLAY, ...LEAVING) }
  if (!isSender) return { says: `${where}a packet of ${source} is seen (${outer})`, effects: [] }
  return {
    says: `${where}the packet leaves (${outer})`,
    effects: [
      ...excludes(...LEAVING),
      ...(ofTunnel ? excludes('F06', 'F07', 'F08') : excludes('F01', 'F02', 'F03', 'F04', 'F18')),
    ],
  }
}

function ruleReading({ target, packets, text }: Of<'rule'>, where: string): Reading | undefined {
  if (target !== 'DROP' && target !== 'REJECT') return undefined
  const codes = BY_RULE.find(([words]) => words.test(text))?.[1]
  const says = `${where}${packets} packets met ${text}`
  if (packets === 0) return { says, effects: [] }
  if (codes !== undefined) return { says, effects: decides(...codes) }
  return { says, effects: /cali|KUBE/.test(text) ? [] : decides('F51') }
}

function sysctlReading({ key, value }: Of<'sysctl'>, where: string): Reading {
  const says = `${where}${key} is ${value}`
  const name = key.replaceAll('/', '.')
  if (name === 'net.ipv4.ip_forward') return { says, effects: value === '0' ? decides('F49') : excludes('F49') }
  if (name === 'net.ipv6.conf.all.forwarding') return { says, effects: value === '0' ? decides('F85') : [] }
  if (/^net\.ipv4\.conf\.cali.*\.proxy_arp$/.test(name))
    return { says, effects: value === '0' ? decides('F45') : excludes('F45') }
  if (/\.rp_filter$/.test(name)) return { says, effects: value === '1' ? supports('F48') : [] }
  if (name === 'net.netfilter.nf_conntrack_max') return { says, effects: Number(value) < 1_024 ? decides('F54') : [] }
  if (/gc_thresh3$/.test(name)) return { says, effects: Number(value) < 64 ? decides('F58') : [] }
  return { says, effects: [] }
}

function podReading({ name, isReady, status, node }: Of<'pod'>, { toPod }: DecidedPlace): Reading {
  const says = `pod ${name} is ${status}${isReady ? '' : ', not ready'}${node === '' ? '' : `, on ${node}`}`
  const isRunning = status === 'Running' && isReady
  if (name.startsWith('calico-node'))
    return { says, effects: isRunning ? excludes('F87') : supports('F87', 'F34', 'F21') }
  if (name.startsWith('calico-typha')) return { says, effects: isRunning ? excludes('F88') : decides('F88') }
  if (name.startsWith('kube-proxy')) return { says, effects: isRunning ? [] : decides('F77') }
  if (name === toPod && !isRunning) return { says, effects: supports('F76'), isTold: true }
  return { says, effects: [] }
}
