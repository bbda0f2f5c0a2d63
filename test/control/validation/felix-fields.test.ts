// One table of FelixConfiguration's fields: what the API takes, and what becomes of each here.
import { expect, it } from 'vitest'
import { FELIX_TABLE } from '../../../src/control/settings/felix-fields.ts'
import { FELIX_VALUES } from '../../../src/control/settings/felix-values.ts'
import { FELIX_FIELDS } from '../../../src/control/validation/felix-fields.ts'

/** Parameters of Felix, and fields of older releases, that the API of today does not have. */
const NOT_OF_THE_API = [
  'bpfKubeProxyEndpointSlicesEnabled',
  'debugBPFCgroupV2',
  'debugCPUProfilePath',
  'debugPanicAfter',
  'debugSimulateDataRace',
]

it('says of every field that the API takes what becomes of it', () => {
  expect(Object.keys(FELIX_FIELDS).filter((name) => !FELIX_TABLE.has(name))).toEqual([])
  expect([...FELIX_TABLE.keys()].filter((name) => !(name in FELIX_FIELDS)).sort()).toEqual(NOT_OF_THE_API)
})

it('reads words of the environment as the API has them', () => {
  expect(FELIX_VALUES['iptablesFilterDenyAction']).toEqual({ kind: 'words', words: ['Drop', 'Reject'] })
  expect(FELIX_VALUES['wireguardEnabled']).toEqual({ kind: 'flag' })
  expect(FELIX_VALUES['bpfEnabled']).toEqual({ kind: 'flag' })
  expect(FELIX_VALUES['bpfLogLevel']).toBeUndefined()
})
