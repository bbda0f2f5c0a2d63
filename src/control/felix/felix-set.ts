import { type IpSet, lateSet, type Origin } from '../../model/index.ts'
import type { Family } from '../../wire/index.ts'

/** Most characters of a set's name. @linux include/uapi/linux/netfilter/ipset/ip_set.h IPSET_MAXNAMELEN */
const LONGEST_NAME = 31

/** The name of a set in the kernel. @calico felix/ipsets/ipset_defs.go */
export function setName(id: string, family: Family): string {
  return `cali${family}0${id}`.slice(0, LONGEST_NAME)
}

/**
 * A set as Felix makes it.
 *
 * @param find - its members, see {@link lateSet}
 */
export function felixSet(
  id: string,
  family: Family,
  type: 'hash:net' | 'hash:ip' | 'hash:ip,port',
  find: () => Iterable<string>,
  origin: Origin,
  listed?: (members: readonly string[]) => readonly string[],
): IpSet {
  const inet = family === 4 ? 'inet' : 'inet6'
  const options = 'hashsize 1024 maxelem 1048576'
  return lateSet({ name: setName(id, family), type, family: inet, options, origin }, find, listed)
}
