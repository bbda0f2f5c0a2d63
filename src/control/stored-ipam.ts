import { once } from '../model/index.ts'
import type { StoredIpam } from './ipam/carry-over.ts'
import type { Resources } from './resources.ts'

/** Objects with others of IPAM, which are written when somebody reads them. */
export function withStoredIpam(resources: Resources, stored: () => StoredIpam): Resources {
  const ipam = once(stored)
  const made = Object.defineProperties({} as Resources, Object.getOwnPropertyDescriptors(resources))
  const put = (name: 'ipamBlocks' | 'blockAffinities', get: () => unknown): void => {
    Object.defineProperty(made, name, { enumerable: true, configurable: true, get })
  }
  put('ipamBlocks', () => ipam().blocks)
  put('blockAffinities', () => ipam().affinities)
  return made
}

/** Whether objects of IPAM are among these, read or not. */
export function hasStoredIpam(resources: Resources): boolean {
  return (['ipamBlocks', 'blockAffinities'] as const).some((name) => {
    const { get, value } = Object.getOwnPropertyDescriptor(resources, name) ?? {}
    return get !== undefined || (Array.isArray(value) && value.length > 0)
  })
}
