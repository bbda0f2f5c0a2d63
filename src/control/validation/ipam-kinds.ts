import { refuseIf } from './members.ts'
import { metadata } from './metadata.ts'
import {
  type Agreement,
  ANYTHING,
  emptyCounts,
  FLAG,
  type MapShape,
  map,
  needed,
  type Shape,
  set,
  TEXT,
  text,
  whole,
  withDefault,
  words,
} from './shape.ts'
import { like, RANGE } from './text-checks.ts'

/** IPReservation. @calico api/pkg/apis/projectcalico/v3/ipreservation.go */
export const IP_RESERVATION: MapShape = map({
  metadata: metadata(),
  spec: needed(map({ reservedCIDRs: set(text(RANGE)) })),
})

function configuration(mostBlocks: number): MapShape {
  return map({
    metadata: metadata(),
    spec: needed(
      map({
        strictAffinity: withDefault(FLAG, false),
        maxBlocksPerHost: withDefault(whole(0, mostBlocks), 0),
        autoAllocateBlocks: withDefault(FLAG, true),
        kubeVirtVMAddressPersistence: emptyCounts(words('Enabled', 'Disabled')),
        ipCooldownSeconds: whole(0, 1200),
      }),
    ),
  })
}

/** IPAMConfiguration. @calico api/pkg/apis/projectcalico/v3/ipamconfig.go */
export const IPAM_CONFIGURATION: MapShape = configuration(1_000_000)

/** IPAMConfig, in which it is stored. @calico libcalico-go/lib/apis/internalapi/ipam_config.go */
export const IPAM_CONFIG: MapShape = configuration(2 ** 31 - 1)

/** Only Calico itself marks an affinity as deleted. */
const notDeleted: Agreement = (spec) => refuseIf(spec['deleted'] === true, ['deleted'], 'expected false')

function affinity(deleted: Shape): MapShape {
  return map({
    metadata: metadata(),
    spec: needed(
      map(
        { state: words('confirmed', 'pending', 'pendingDeletion'), node: TEXT, type: TEXT, cidr: TEXT, deleted },
        notDeleted,
      ),
    ),
  })
}

/** BlockAffinity. @calico api/pkg/apis/projectcalico/v3/blockaffinity.go */
export const BLOCK_AFFINITY: MapShape = affinity(withDefault(FLAG, false))

/** BlockAffinity as it is stored in crd.projectcalico.org, where the flag is text. */
export const STORED_BLOCK_AFFINITY: MapShape = affinity(words('true', 'false'))

/** IPAMBlock. @calico api/pkg/apis/projectcalico/v3/ipamblocks.go */
export const IPAM_BLOCK: MapShape = map({
  metadata: metadata(),
  spec: needed(
    map({
      cidr: TEXT,
      affinity: emptyCounts(
        text(like(/^(host|virtual):[a-zA-Z0-9.\-_]+$/, 'host: or virtual:, and the name of who has the block')),
      ),
      affinityClaimTime: ANYTHING,
      allocations: ANYTHING,
      unallocated: ANYTHING,
      attributes: ANYTHING,
      sequenceNumber: withDefault(whole(0), 0),
      sequenceNumberForAllocation: ANYTHING,
      deleted: FLAG,
      strictAffinity: FLAG,
    }),
  ),
})

/** IPAMHandle. @calico api/pkg/apis/projectcalico/v3/ipamhandle.go */
export const IPAM_HANDLE: MapShape = map({
  metadata: metadata(),
  spec: needed(map({ handleID: TEXT, block: { is: 'record', of: whole(), agreements: [] }, deleted: FLAG })),
})
