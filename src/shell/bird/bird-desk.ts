import type { BirdConfiguration } from '../../control/index.ts'
import { type Family, familyOf, parseIp, parsePrefix } from '../../wire/index.ts'
import type { Host } from '../host.ts'
import type { BirdProtocol } from './protocol-text.ts'
import type { BirdRoute } from './table.ts'

/** What one line of birdcl needs of a node's BIRD. */
export interface BirdDesk {
  readonly host: Host
  readonly config: BirdConfiguration
  readonly protocols: readonly BirdProtocol[]
  /** What time it is, and when it started. */
  readonly status: { readonly now: string; readonly started: string }
  /** The table, or its part with an address. */
  readonly table: (about?: string) => readonly BirdRoute[]
}

/** Protocols by a name or a pattern; a text says that there is none. */
export function named(protocols: readonly BirdProtocol[], name: string): readonly BirdProtocol[] | string {
  const pattern = new RegExp(
    `^${name
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  )
  const found = protocols.filter((one) => pattern.test(one.name))
  if (found.length > 0) return found
  return /[*?]/.test(name) ? 'No protocols match\n' : `${name} is not a protocol\n`
}

/** Reads what stands behind `for`, and a prefix. */
export function addressWord(text: string, family: Family): 'address' | 'prefix' | undefined {
  const address = parseIp(text)
  if (address !== undefined) return familyOf(address) === family ? 'address' : undefined
  const prefix = parsePrefix(text)
  return prefix !== undefined && familyOf(prefix) === family ? 'prefix' : undefined
}
