// What fields do: every meaning is of a field that there is, and every field of Felix that is read has one.
import { describe, expect, it } from 'vitest'
import { BGP_MEANINGS } from '../../../src/control/explain/bgp-meanings.ts'
import { FELIX_MEANINGS } from '../../../src/control/explain/felix-meanings.ts'
import { OTHER_MEANINGS } from '../../../src/control/explain/other-meanings.ts'
import { IPAM_MEANINGS, POOL_MEANINGS } from '../../../src/control/explain/pool-meanings.ts'
import { explainField } from '../../../src/control/index.ts'
import { FELIX_TABLE } from '../../../src/control/settings/felix-fields.ts'

describe('explainField', () => {
  it.each(['ippool.spec.vxlanMode', 'ippools.vxlanMode', 'IPPool.SPEC.vxlanmode', 'pool/vxlanMode'])('%s', (name) => {
    expect(explainField(name)).toMatchObject({
      field: 'IPPool spec.vxlanMode',
      takes: 'one of Never, Always, CrossSubnet',
      usual: 'Never',
    })
  })

  it('knows variables of calico-node, those of Felix with their field', () => {
    expect(explainField('FELIX_IPINIPMTU')).toMatchObject({
      field: 'FelixConfiguration spec.ipipMTU',
      variable: 'FELIX_IPINIPMTU',
      changes: 'tunl0',
      here: 'honoured',
    })
    expect(explainField('IP_AUTODETECTION_METHOD')).toEqual({
      field: 'IP_AUTODETECTION_METHOD',
      takes: 'text',
      here: 'honoured',
    })
  })

  it('goes into lists and maps', () => {
    expect(explainField('gnp.ingress[0].source.nets')).toMatchObject({
      field: 'GlobalNetworkPolicy spec.ingress.source.nets',
      takes: 'a list, each an address, or a CIDR without host bits',
    })
  })

  it.each(['ippool.cidrs', 'pod.spec', 'FELIX_NOPE', 'nope', ''])('knows no %s', (name) => {
    expect(explainField(name)).toBeUndefined()
  })

  it('has meanings of fields that there are', () => {
    const all = {
      ...BGP_MEANINGS,
      ...IPAM_MEANINGS,
      ...OTHER_MEANINGS,
      IPPool: POOL_MEANINGS,
      FelixConfiguration: FELIX_MEANINGS,
    }
    const fields = Object.entries(all).flatMap(([kind, meanings]) =>
      Object.keys(meanings).map((name) => `${kind}.${name}`),
    )
    expect(fields.length).toBeGreaterThan(120)
    expect(fields.filter((field) => explainField(field) === undefined)).toEqual([])
  })

  it('has a meaning of every field of Felix that is read', () => {
    const read = [...FELIX_TABLE].filter(([, { use }]) => use === 'read').map(([name]) => name)
    expect(read.filter((name) => !(name in FELIX_MEANINGS))).toEqual([])
  })
})
