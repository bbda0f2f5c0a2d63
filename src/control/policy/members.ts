import { type Family, familyOf, type Ip, type Prefix, parseCidr, prefixOf } from '../../wire/index.ts'

/** Members of sets, in the words of `ipset save`. */

/** Every address of a family: more than the kernel takes in one member, so it is two. */
const HALVES: Readonly<Record<Family, readonly string[]>> = { 4: ['0.0.0.0/1', '128.0.0.0/1'], 6: ['::/1', '8000::/1'] }

function bitsOf(family: Family): number {
  return family === 4 ? 32 : 128
}

/** A range as a member: one address goes without its length. @calico felix/labelindex/named_port_index.go */
export function rangeMembers(text: string, family: Family): readonly string[] {
  const cidr = parseCidr(text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`)
  if (cidr === undefined || familyOf(cidr.address) !== family) return []
  if (cidr.length === 0) return HALVES[family]
  return [cidr.length === bitsOf(family) ? cidr.address : prefixOf(cidr.address, cidr.length)]
}

/**
 * Members without those that lie inside another one.
 *
 * @calico felix/labelindex/named_port_index.go
 */
export function outermost(members: readonly string[], family: Family): readonly string[] {
  const lengths = new Set<number>()
  for (const member of members) {
    const slash = member.indexOf('/')
    if (slash >= 0) lengths.add(Number(member.slice(slash + 1)))
  }
  if (lengths.size === 0) return members
  const all = new Set(members)
  return members.filter((member) => !liesInside(member, all, lengths, family))
}

function liesInside(member: string, all: ReadonlySet<string>, lengths: ReadonlySet<number>, family: Family): boolean {
  const slash = member.indexOf('/')
  const address = (slash < 0 ? member : member.slice(0, slash)) as Ip
  const own = slash < 0 ? bitsOf(family) : Number(member.slice(slash + 1))
  for (const length of lengths) {
    const outer: Prefix = prefixOf(address, length)
    if (length < own && all.has(outer)) return true
  }
  return false
}
