import { PLAIN_COMMUNITY, ROUTE_PRIORITY } from './bgp-values.ts'
import { has, listAt, refuseIf, textAt } from './members.ts'
import { metadata } from './metadata.ts'
import {
  type Agreement,
  AS_NUMBER,
  emptyCounts,
  list,
  type MapShape,
  map,
  needed,
  type Shape,
  shortText,
  whole,
  words,
} from './shape.ts'
import { INTERFACE_PATTERN, NET4, NET6 } from './text-checks.ts'

/** A range is compared in some way, and lengths of prefixes are those inside a range. */
const rangeAgrees: Agreement = (rule) => {
  const cidr = textAt(rule, 'cidr') !== ''
  const operator = textAt(rule, 'matchOperator') !== ''
  return [
    ...refuseIf(cidr !== operator, [cidr ? 'matchOperator' : 'cidr'], 'cidr and matchOperator belong together'),
    ...refuseIf(has(rule, 'prefixLength') && !cidr, ['prefixLength'], 'prefixLength needs a cidr'),
  ]
}

/** What is rejected cannot be changed. */
const operationsAgree: Agreement = (rule) =>
  refuseIf(
    listAt(rule, 'operations').length > 0 && rule['action'] !== 'Accept',
    ['operations'],
    'operations need the action Accept',
  )

const oneOperation: Agreement = (operation) =>
  refuseIf(Object.keys(operation).length !== 1, [], 'expected one operation each')

const OPERATION: MapShape = map(
  {
    addCommunity: map({ value: needed(shortText(32, PLAIN_COMMUNITY)) }),
    prependASPath: map({ prefix: needed(list(AS_NUMBER, { shortest: 1, longest: 10 })) }),
    setPriority: map({ value: needed(ROUTE_PRIORITY) }),
  },
  oneOperation,
)

function rules(cidr: Shape, bits: number): Shape {
  return list(
    map(
      {
        cidr,
        prefixLength: map({ min: whole(0, bits), max: whole(0, bits) }),
        source: words('RemotePeers'),
        interface: shortText(15, INTERFACE_PATTERN),
        matchOperator: words('Equal', 'NotEqual', 'In', 'NotIn'),
        peerType: words('eBGP', 'iBGP'),
        communities: map({
          values: needed(list(emptyCounts(shortText(32, PLAIN_COMMUNITY)), { shortest: 1, longest: 1 })),
        }),
        asPathPrefix: list(AS_NUMBER),
        priority: ROUTE_PRIORITY,
        action: needed(words('Accept', 'Reject')),
        operations: list(OPERATION, { longest: 10 }),
      },
      rangeAgrees,
      operationsAgree,
    ),
  )
}

const RULES_V4 = rules(shortText(18, NET4), 32)
const RULES_V6 = rules(shortText(43, NET6), 128)

/** BGPFilter. @calico api/pkg/apis/projectcalico/v3/bgpfilter.go */
export const BGP_FILTER: MapShape = map({
  metadata: metadata(),
  spec: needed(map({ exportV4: RULES_V4, importV4: RULES_V4, exportV6: RULES_V6, importV6: RULES_V6 })),
})
