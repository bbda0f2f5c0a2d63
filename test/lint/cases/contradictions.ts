// The objects of the tests of contradictions, with what a loader asks for besides.
import type { LintName } from '../../../src/lint/index.ts'
import type { Object_ } from './objects.ts'

type Fields = Readonly<Record<string, unknown>>
const mapOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})

/** Findings that these contradictions cannot be without. */
export const WITH: Readonly<Partial<Record<LintName, readonly LintName[]>>> = {
  'block-of-two-nodes': ['block-of-no-node', 'object-doubtful'],
  'block-of-other-size': ['object-doubtful'],
  'affinity-without-block': ['block-of-no-node', 'object-doubtful'],
  'node-without-pool': ['pool-exempts-destinations'],
  'pod-asks-for-no-pool': ['pool-exempts-destinations'],
  'reflectors-drop-each-other': ['mesh-beside-reflectors'],
  'host-endpoint-without-node': ['host-endpoint-without-policy'],
  'host-endpoints-share-interface': ['host-endpoint-without-policy'],
}

function complete(object: Object_, i: number): Object_ {
  const [meta, spec] = [mapOf(object['metadata']), mapOf(object['spec'])]
  switch (object['kind']) {
    case 'IPPool':
      return { ...object, spec: { natOutgoing: true, ...spec } }
    case 'Node': {
      if (object['apiVersion'] !== 'v1') return object
      const has = Object.keys(mapOf(meta['annotations'])).some((key) => /IPv[46]Address$/.test(key))
      const address = { type: 'InternalIP', address: `203.0.113.${i + 1}` }
      return has || object['status'] !== undefined ? object : { ...object, status: { addresses: [address] } }
    }
    case 'Pod': {
      const { podIP } = mapOf(object['status'])
      return podIP === '' ? { ...object, status: {} } : object
    }
    case 'IPAMBlock': {
      const size = 2 ** (32 - Number(String(spec['cidr']).split('/')[1]))
      const slots = Array.from({ length: size }, (_, slot) => slot)
      return { ...object, spec: { allocations: slots.map(() => null), unallocated: slots, ...spec } }
    }
    default:
      return object
  }
}

/** Objects that can be loaded. */
export function completed(objects: readonly Object_[]): readonly Object_[] {
  return objects.map(complete)
}
