import { BGP_CONFIGURATION_TABLE, BGP_PEER_TABLE } from '../settings/bgp-fields.ts'
import { FELIX_TABLE } from '../settings/felix-fields.ts'
import { type FieldTable, isUsual } from '../settings/field-use.ts'
import { mapAt } from './members.ts'
import type { Fields, Refusal } from './shape.ts'

const TABLES: Readonly<Record<string, FieldTable>> = {
  FelixConfiguration: FELIX_TABLE,
  BGPConfiguration: BGP_CONFIGURATION_TABLE,
  BGPPeer: BGP_PEER_TABLE,
}

/** Fields of an object that Calico would honour and the simulation does not, with what it makes of them. */
export function notHonoured(object: Fields): readonly Refusal[] {
  const { kind } = object
  const table = typeof kind === 'string' && Object.hasOwn(TABLES, kind) ? TABLES[kind] : undefined
  if (table === undefined) return []
  return Object.entries(mapAt(object, 'spec') ?? {}).flatMap(([name, value]): Refusal[] => {
    const use = table.get(name)
    if (use === undefined || use.use === 'read') return []
    if (use.use === 'harmless') return [{ at: ['spec', name], message: `read, not honoured: ${use.why}` }]
    return isUsual(value, use.usual) ? [] : [{ at: ['spec', name], message: 'read, not modelled' }]
  })
}
