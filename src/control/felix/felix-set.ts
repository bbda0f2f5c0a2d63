import { type IpSet, type Origin, once } from '../../model/index.ts'
import type { Family } from '../../wire/index.ts'

/** Most characters of a set's name. @linux include/uapi/linux/netfilter/ipset/ip_set.h IPSET_MAXNAMELEN */
const LONGEST_NAME = 31

/** The name of a set in the kernel. @calico felix/ipsets/ipset_defs.go */
export function setName(id: string, family: Family): string {
  return `cali${family}0${id}`.slice(0, LONGEST_NAME)
}

/** A set as Felix makes it; its members are looked for when somebody reads them, each once. */
export function felixSet(
  id: string,
  family: Family,
  type: 'hash:net' | 'hash:ip' | 'hash:ip,port',
  membersOf: () => readonly string[],
  origin: Origin,
): IpSet {
  // Of what is frozen already nobody asks each member.
  const members = once(() => Object.freeze([...new Set(membersOf())]))
  return {
    name: setName(id, family),
    type,
    family: family === 4 ? 'inet' : 'inet6',
    get members() {
      return members()
    },
    options: 'hashsize 1024 maxelem 1048576',
    origin,
  }
}
