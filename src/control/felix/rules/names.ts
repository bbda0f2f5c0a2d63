import { sha256 } from '@noble/hashes/sha2.js'
import { base64Url, encodeUtf8 } from '../../../wire/index.ts'

/** Longest name of a chain. @linux include/uapi/linux/netfilter/x_tables.h XT_EXTENSION_MAXNAMELEN */
export const MAX_CHAIN_NAME = 28

/** What stands where a name was too long, before the digest of it. */
const SHORTENED = '_'

/** A name of at most so many characters: one that is too long, or could be taken for a shortened one, ends in a digest. @calico libcalico-go/lib/hash */
export function limited(prefix: string, given: string, longest: number): string {
  const suffix = given === '' ? SHORTENED : given
  const length = prefix.length + suffix.length
  if (length < longest || (length === longest && !suffix.startsWith(SHORTENED))) return prefix + suffix
  const digest = base64Url(sha256(encodeUtf8(suffix)))
  return prefix + SHORTENED + digest.slice(0, longest - prefix.length - 1)
}

/** The name of a chain. */
export function limitedName(prefix: string, given: string): string {
  return limited(prefix, given, MAX_CHAIN_NAME)
}

/** Interface that stands in names for all without a host endpoint of their own. @calico felix/dataplane/linux/endpoint_mgr.go */
export const ANY_INTERFACE = 'any-interface-at-all'

/** Prefixes of chains of one endpoint, policy or profile. @calico felix/rules/rule_defs.go */
export const PREFIX = {
  toWorkload: 'cali-tw-',
  fromWorkload: 'cali-fw-',
  toHost: 'cali-th-',
  fromHost: 'cali-fh-',
  toHostForward: 'cali-thfw-',
  fromHostForward: 'cali-fhfw-',
} as const

/** Chain of what goes into a pod, or comes out of it. */
export function workloadChainName(dev: string, direction: 'ingress' | 'egress'): string {
  return limitedName(direction === 'ingress' ? PREFIX.toWorkload : PREFIX.fromWorkload, dev)
}

/** Chain of a policy. */
export function policyChainName(id: string, direction: 'ingress' | 'egress'): string {
  return limitedName(direction === 'ingress' ? 'cali-pi-' : 'cali-po-', id)
}

/** Chain of a profile. */
export function profileChainName(name: string, direction: 'ingress' | 'egress'): string {
  return limitedName(direction === 'ingress' ? 'cali-pri-' : 'cali-pro-', name)
}
