import * as v from 'valibot'
import { type CalicoVersion, type FelixSettings, felixSettingsOf } from '../../control/index.ts'
import { type Family, hostPrefix, type Ip, type Prefix, parseCidr, parseIp, prefixOf } from '../../wire/index.ts'

/** Fields of a FelixConfiguration, as its `spec` has them. */
export type FelixFields = Readonly<Record<string, unknown>>

const ADDRESS = 'an IP address'
const NET = 'an address or a CIDR'

/** An address, in any notation. */
export const addressShape: v.GenericSchema<string> = v.pipe(
  v.string(ADDRESS),
  v.check((text) => parseIp(text) !== undefined, ADDRESS),
)

/** An address or a range. */
export const netShape: v.GenericSchema<string> = v.pipe(
  v.string(NET),
  v.check((text) => netOf(text) !== undefined, NET),
)

/** Text that is not empty. */
export const nameShape: v.GenericSchema<string> = v.pipe(v.string('a name'), v.minLength(1, 'a name'))

/** An IP version. */
export const familyShape: v.GenericSchema<Family> = v.picklist([4, 6], '4 or 6')

/** Fields of a FelixConfiguration. */
export const felixShape: v.GenericSchema<FelixFields> = v.record(v.string(), v.unknown())

/** The range a text stands for, without host bits; an address is the range of itself. */
export function netOf(text: string): Prefix | undefined {
  const address = parseIp(text)
  if (address !== undefined) return hostPrefix(address)
  const cidr = parseCidr(text)
  return cidr === undefined ? undefined : prefixOf(cidr.address, cidr.length)
}

/** An address, with or without a length, that {@link netShape} let pass. */
export function bareAddress(text: string): Ip {
  return parseIp(text) ?? parseCidr(text)!.address
}

/** Settings of Felix, or by name what of them is not modelled here. */
export function felixOf(fields: FelixFields, version: CalicoVersion): FelixSettings | string {
  const isOn = (field: string): boolean => /^(true|enabled)$/i.test(String(fields[field] ?? ''))
  if (isOn('bpfEnabled')) return 'the eBPF dataplane (bpfEnabled)'
  if (isOn('nftablesMode')) return 'the nftables dataplane (nftablesMode)'
  return felixSettingsOf(fields, version)
}
