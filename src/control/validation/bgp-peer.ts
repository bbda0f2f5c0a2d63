import { familyOf, parseIp } from '../../wire/index.ts'
import { PASSWORD } from './bgp-values.ts'
import { has, refuseIf, textAt } from './members.ts'
import { metadata } from './metadata.ts'
import { asNumberOf } from './numbers-or-text.ts'
import {
  type Agreement,
  AS_NUMBER,
  DURATION,
  emptyCounts,
  FLAG,
  list,
  type MapShape,
  map,
  needed,
  type Refusal,
  shortText,
  text,
  whole,
  words,
} from './shape.ts'
import { ADDRESS, ADDRESS_AND_PORT, NAME, peerAddress, SELECTOR } from './text-checks.ts'

/** Pairs of fields that say the same thing in two ways. */
const EITHER_OR = [
  ['node', 'nodeSelector'],
  ['peerIP', 'peerSelector'],
  ['peerIP', 'localWorkloadSelector'],
  ['peerSelector', 'localWorkloadSelector'],
] as const

const oneWay: Agreement = (spec) =>
  EITHER_OR.filter((pair) => pair.every((name) => textAt(spec, name) !== '')).map(
    ([one, other]): Refusal => ({ at: [other], message: `${one} and ${other} cannot both be set` }),
  )

/** The AS number of selected nodes is theirs; that of workloads must be said. */
const asNumberAgrees: Agreement = (spec) => {
  const said = (asNumberOf(spec['asNumber']) ?? 0) !== 0
  return [
    ...refuseIf(
      said && textAt(spec, 'peerSelector') !== '',
      ['asNumber'],
      'nodes that peerSelector finds have their own',
    ),
    ...refuseIf(!said && textAt(spec, 'localWorkloadSelector') !== '', ['asNumber'], 'workloads need one'),
  ]
}

const nextHopAgrees: Agreement = (spec) =>
  refuseIf(
    spec['keepOriginalNextHop'] === true && has(spec, 'nextHopMode'),
    ['keepOriginalNextHop'],
    'nextHopMode says it already',
  )

/** The gateway to a peer is of the peer's family. */
const gatewayAgrees: Agreement = (spec) => {
  const gateway = parseIp(textAt(spec, 'reachableBy'))
  if (textAt(spec, 'reachableBy') === '') return []
  if (textAt(spec, 'peerIP') === '') return [{ at: ['reachableBy'], message: 'there is no peerIP' }]
  const peer = peerAddress(textAt(spec, 'peerIP'))
  const other = gateway !== undefined && peer !== undefined && familyOf(gateway) !== familyOf(peer)
  return refuseIf(other, ['reachableBy'], 'expected the family of peerIP')
}

/** BGPPeer. @calico api/pkg/apis/projectcalico/v3/bgppeer.go */
export const BGP_PEER: MapShape = map({
  metadata: metadata(),
  spec: needed(
    map(
      {
        node: shortText(253, NAME),
        nodeSelector: shortText(1024, SELECTOR),
        peerIP: shortText(64, ADDRESS_AND_PORT),
        asNumber: AS_NUMBER,
        localASNumber: AS_NUMBER,
        peerSelector: shortText(1024, SELECTOR),
        keepOriginalNextHop: FLAG,
        nextHopMode: emptyCounts(words('Auto', 'Self', 'Keep')),
        password: PASSWORD,
        sourceAddress: words('UseNodeIP', 'None'),
        maxRestartTime: DURATION,
        keepaliveTime: DURATION,
        numAllowedLocalASNumbers: whole(-(2 ** 31), 2 ** 31 - 1),
        ttlSecurity: whole(0, 255),
        reachableBy: shortText(64, ADDRESS),
        filters: list(text(NAME)),
        localWorkloadSelector: shortText(1024, SELECTOR),
        reversePeering: emptyCounts(words('Auto', 'Manual')),
      },
      oneWay,
      asNumberAgrees,
      nextHopAgrees,
      gatewayAgrees,
    ),
  ),
})
