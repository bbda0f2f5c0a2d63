import { type Address, dictionary, type Interface } from '../../model/index.ts'
import { isSameData } from '../same-data.ts'
import { mergedList, mergedRecord } from './keyed-merge.ts'

type Interfaces = Readonly<Record<string, Interface>>

function addressOf(address: Address): { key: string; text: string } {
  const { origin: _, ...plain } = address
  return { key: `${address.local}/${address.prefixlen}`, text: JSON.stringify(plain) }
}

type Attributes = Readonly<Record<string, unknown>>

/** An interface that both changed: attribute by attribute, address by address. */
function mergedInterface(edited: Interface, was: Interface, fresh: Interface): Interface {
  const parts = [edited, was, fresh].map((dev) => ({ ...dev, addresses: [] }) as unknown as Attributes)
  const attributes = mergedRecord(parts[0]!, parts[1]!, parts[2]!, isSameData)
  const addresses = mergedList(edited.addresses, was.addresses, fresh.addresses, addressOf)
  return { ...(attributes as unknown as Interface), addresses }
}

function oneOf(
  mine: Interface | undefined,
  was: Interface | undefined,
  now: Interface | undefined,
): Interface | undefined {
  if (isSameData(mine, was)) return now
  if (isSameData(was, now)) return mine
  // What programs took away is gone, and what somebody took away is not there to be changed.
  if (now === undefined || was === undefined) return now
  return mine === undefined ? undefined : mergedInterface(mine, was, now)
}

/** No two interfaces have one number: those that somebody made get others. */
function numbered(all: readonly Interface[], fresh: Interfaces): Interfaces {
  const made = dictionary<Interface>()
  const taken = new Set(all.filter(({ name }) => fresh[name] !== undefined).map(({ ifindex }) => ifindex))
  for (const dev of all) {
    let { ifindex } = dev
    if (fresh[dev.name] === undefined) while (taken.has(ifindex)) ifindex++
    taken.add(ifindex)
    made[dev.name] = ifindex === dev.ifindex ? dev : { ...dev, ifindex }
  }
  return made
}

/** Interfaces that somebody edited by hand, and programs since. */
export function mergedInterfaces(edited: Interfaces, was: Interfaces, fresh: Interfaces): Interfaces {
  if (edited === was) return fresh
  if (was === fresh) return edited
  const names = new Set([...Object.keys(fresh), ...Object.keys(edited)])
  const all = [...names].flatMap((name) => oneOf(edited[name], was[name], fresh[name]) ?? [])
  return numbered(all, fresh)
}
