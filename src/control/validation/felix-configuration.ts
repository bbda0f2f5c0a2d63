import { FELIX_FIELDS, tablesAgree } from './felix-fields.ts'
import { has, mapAt, refuseIf, textAt } from './members.ts'
import { metadata } from './metadata.ts'
import { type Agreement, type MapShape, map, needed } from './shape.ts'

/** Objects for all nodes and for one by name select none. */
const nodesAgree: Agreement = (felix) => {
  const name = textAt(mapAt(felix, 'metadata') ?? {}, 'name')
  const fixed = name === 'default' || name.startsWith('node.')
  const selects = has(mapAt(felix, 'spec') ?? {}, 'nodeSelector')
  return refuseIf(fixed && selects, ['spec', 'nodeSelector'], `${name} is for the nodes that its name says`)
}

/** FelixConfiguration. @calico api/pkg/apis/projectcalico/v3/felixconfig.go */
export const FELIX_CONFIGURATION: MapShape = map(
  { metadata: metadata(), spec: needed(map(FELIX_FIELDS, tablesAgree)) },
  nodesAgree,
)
