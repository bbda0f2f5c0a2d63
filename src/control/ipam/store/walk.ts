import type { Prefix } from '../../../wire/index.ts'
import { blockAt, walk } from '../block-walk.ts'
import type { IpamPool } from './ipam-pool.ts'

/**
 * Every block of a pool in the order in which a host tries them. Where a block is one address, Calico begins at a random
 * one; this walk then begins where the host's name says.
 */
export function walkOf(pool: IpamPool, host: string): Prefix[] {
  return [...walk(pool, host)].map((base) => blockAt(pool, base))
}
