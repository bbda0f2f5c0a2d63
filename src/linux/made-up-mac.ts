import { keyToMac, type Mac, macToKey } from '../wire/index.ts'

const BASE = macToKey('02:00:00:00:00:00' as Mac)

/** A link-layer address for a device of which none is known: locally administered, the same for the same name. */
export function madeUpMac(name: string): Mac {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return keyToMac(BASE + (hash >>> 0))
}
