import { once } from '../model/index.ts'
import type { StoredIpam } from './ipam/carry-over.ts'
import type { Resources } from './resources.ts'
import { withLists } from './with-lists.ts'

/** Objects with others of IPAM, which are written when somebody reads them. */
export function withStoredIpam(resources: Resources, stored: () => StoredIpam): Resources {
  const ipam = once(stored)
  return withLists(resources, { ipamBlocks: () => ipam().blocks, blockAffinities: () => ipam().affinities })
}

/** Lists of IPAM's objects, which a running cluster writes when somebody reads them. */
const WRITTEN = ['ipamBlocks', 'blockAffinities'] as const

/** Whether a list is one of those, and was not given. */
export function isWrittenLate(resources: Resources, name: string): boolean {
  return WRITTEN.some((one) => one === name) && Object.getOwnPropertyDescriptor(resources, name)?.get !== undefined
}

/** Whether objects of IPAM are among these, read or not. */
export function hasStoredIpam(resources: Resources): boolean {
  return WRITTEN.some((name) => {
    const { get, value } = Object.getOwnPropertyDescriptor(resources, name) ?? {}
    return get !== undefined || (Array.isArray(value) && value.length > 0)
  })
}
