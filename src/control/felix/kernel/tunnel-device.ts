import { contains, type Family, familyOf, type Ip, type Prefix } from '../../../wire/index.ts'

/** What a VXLAN device is made of. Absent is not set, which for some is another value and for some any. */
export interface VxlanAttributes {
  /** Network identifier. */
  readonly vni?: number
  /** UDP port. */
  readonly port?: number
  /** Uplink. */
  readonly link?: string | number
  /** Source of packets. */
  readonly local?: string
  /** Multicast group. */
  readonly group?: string
  /** Tells user space of MACs it does not know. */
  readonly l2miss?: boolean
  /** Group based policy. */
  readonly gbp?: boolean
  /** Tunnels are chosen packet by packet, as the eBPF dataplane does. */
  readonly flowBased?: boolean
  /** MAC. */
  readonly mac?: string
}

/** A field of a VXLAN device. */
export type VxlanField = keyof VxlanAttributes

/** Fields in the order in which Felix looks. Those of the second sort are compared only where both devices have them. */
const FIELDS: readonly (readonly [VxlanField, 'always' | 'where set'])[] = [
  ['flowBased', 'always'],
  ['vni', 'always'],
  ['link', 'always'],
  ['local', 'where set'],
  ['group', 'where set'],
  ['l2miss', 'always'],
  ['port', 'where set'],
  ['gbp', 'always'],
  ['mac', 'where set'],
]

/**
 * The first field for which a VXLAN device must be made anew; undefined when it can stay.
 *
 * @calico felix/dataplane/linux/vxlan_mgr.go vxlanLinksIncompat
 */
export function vxlanMismatch(existing: VxlanAttributes, wanted: VxlanAttributes): VxlanField | undefined {
  const found = FIELDS.find(([field, when]) => {
    const [is, shouldBe] = [existing[field] || undefined, wanted[field] || undefined]
    return is !== shouldBe && (when === 'always' || (is !== undefined && shouldBe !== undefined))
  })
  return found?.[0]
}

/** An address of a device, with its length. */
export interface DeviceAddress {
  /** Address. */
  readonly local: Ip
  /** Length of its subnet. */
  readonly length: number
}

/** What becomes of the addresses of a tunnel device. */
export interface AddressChanges {
  /** Those that stay. */
  readonly kept: readonly DeviceAddress[]
  /** Those that go. */
  readonly removed: readonly DeviceAddress[]
  /** Those that come. */
  readonly added: readonly DeviceAddress[]
}

const LINK_LOCAL = 'fe80::/10' as Prefix

/** The kernel gives every device of IPv6 one, and needs it. Those of IPv4 are addresses like others. */
function isKernels({ local }: DeviceAddress): boolean {
  return familyOf(local) === 6 && contains(LINK_LOCAL, local)
}

/**
 * A tunnel device has the one address that Felix wants, of the family at hand, or none.
 *
 * @calico felix/dataplane/linux/route_mgr.go ensureAddressOnLink
 */
export function addressChanges(
  family: Family,
  existing: readonly DeviceAddress[],
  wanted: Ip | undefined,
): AddressChanges {
  const isWanted = ({ local, length }: DeviceAddress): boolean =>
    local === wanted && length === (familyOf(local) === 4 ? 32 : 128)
  const stays = (one: DeviceAddress): boolean => familyOf(one.local) !== family || isWanted(one) || isKernels(one)
  const isThere = wanted === undefined || existing.some(isWanted)
  return {
    kept: existing.filter(stays),
    removed: existing.filter((one) => !stays(one)),
    added: isThere ? [] : [{ local: wanted, length: family === 4 ? 32 : 128 }],
  }
}
