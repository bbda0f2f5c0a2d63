import type { Resources } from './resources.ts'

/** A Calico release. */
export interface CalicoVersion {
  /** First number. */
  readonly major: number
  /** Second number: decides behaviour. */
  readonly minor: number
  /** As written, e.g. `v3.16.3`. */
  readonly text: string
}

/** The newest release packetwalk knows; answers that nobody asked of another release are of this one. */
export const NEWEST_CALICO_VERSION: CalicoVersion = { major: 3, minor: 34, text: 'v3.34.0' }

/** The release assumed when nothing in the input says which: the newest one of the fact sheets. */
const DEFAULT_CALICO_VERSION: CalicoVersion = { major: 3, minor: 32, text: 'v3.32.1' }

/** Whether a release is one that nobody named. */
export function isAssumedRelease(version: CalicoVersion): boolean {
  return version === DEFAULT_CALICO_VERSION
}

/** A version text such as `v3.16.3`, `3.29` or `release-v3.31`; undefined when no version is in it (`latest`, `master`). */
export function parseCalicoVersion(text: string): CalicoVersion | undefined {
  const found = /(?:^|[^0-9.])v?(\d+)\.(\d+)(?:\.\d+)?/.exec(text)
  return found ? { major: Number(found[1]), minor: Number(found[2]), text } : undefined
}

/** The tag of an image name: `quay.io/calico/node:v3.16.3@sha256:…` → `v3.16.3`. */
function imageTag(image: string): string | undefined {
  return /:([^:/@]+)(?:@.*)?$/.exec(image)?.[1]
}

/** The release a cluster runs: the calico-node image, else ClusterInformation, else `DEFAULT_CALICO_VERSION`. */
export function calicoVersionOf(resources: Resources): CalicoVersion {
  for (const daemonSet of resources.daemonSets) {
    if (daemonSet.metadata.name !== 'calico-node') continue
    for (const container of daemonSet.spec.template?.spec?.containers ?? []) {
      const tag = container.name === 'calico-node' && container.image ? imageTag(container.image) : undefined
      const version = tag === undefined ? undefined : parseCalicoVersion(tag)
      if (version) return version
    }
  }
  for (const info of resources.clusterInformations) {
    const version = info.spec.calicoVersion === undefined ? undefined : parseCalicoVersion(info.spec.calicoVersion)
    if (version) return version
  }
  return DEFAULT_CALICO_VERSION
}

/** What differs between releases, as far as packets can tell: the one table of version differences. */
export interface VersionTraits {
  /** Pod MTU follows the encapsulation (v3.17+); before it is a fixed number of the manifest. */
  readonly autoMtu: boolean
  /** Calico gives its /32 addresses themselves as broadcast address (seen in v3.16; the end, v3.20, is our reading). */
  readonly hostBroadcast: boolean
  /** Felix blackholes its own blocks in VXLAN pools (v3.20+). */
  readonly vxlanBlackhole: boolean
  /** VXLAN over IPv6 (v3.23+). */
  readonly vxlanIpv6: boolean
  /** Position of `cali-POSTROUTING` in nat POSTROUTING: first up to v3.28, last from v3.29. */
  readonly natPostroutingAppended: boolean
  /** WireGuard peers list the tunnel addresses of the peer, too (v3.30+). */
  readonly wireguardTunnelIps: boolean
  /** Felix can program IPIP and unencapsulated routes when told to (v3.31+). */
  readonly felixCanOwnRoutes: boolean
  /** Felix programs IPIP routes by default (v3.33+). */
  readonly felixOwnsIpip: boolean
  /** Tunnel routes carry their MTU (v3.31+). */
  readonly routeMtu: boolean
  /** BIRD leaves the blocks of WireGuard peers out of the kernel (v3.33+). */
  readonly birdSkipsWireguard: boolean
  /** In the mesh a node takes those without an AS number for members of its own AS (v3.32+), not of the cluster's. */
  readonly meshTakesOwnAs: boolean
  /** Metric of pod routes and of routes BIRD learns (v3.32+); absent = none. */
  readonly routeMetric?: number
  /** The CNI plugin leaves the host's routes to fixed addresses of pods to Felix (v3.32+). */
  readonly felixRoutesFixedAddresses: boolean
  /** Name of the set with all pools' ranges. */
  readonly poolSet: string
  /** Pools that are only for addresses of Services are no part of that set (v3.33+). */
  readonly serviceRangesOutside: boolean
  /** Tunnel masquerading of UDP keeps clear of port 4789 (v3.33+). */
  readonly masqueradeAvoidsVxlanPort: boolean
  /** What Felix calls policies: name with its tier, that behind the tier (v3.29+), or kind and name (v3.32+). */
  readonly policyIds: 'name' | 'tier/name' | 'kind/name'
  /** Tiers that are always there. */
  readonly builtInTiers: readonly string[]
  /** Kinds of administrators' policies that are read (v3.29+, v3.30+; another one from v3.32 on). */
  readonly adminPolicies: readonly AdminPolicyKind[]
  /** Tier `default` has an order (v3.29+); before it is last. */
  readonly tierOrders: boolean
  /** Pools have `assignmentMode` (v3.30+). */
  readonly assignmentMode: boolean
  /** Pools have `namespaceSelector` (v3.31+). */
  readonly namespaceSelector: boolean
  /** Released addresses may rest (`ipCooldownSeconds`, v3.33+). */
  readonly ipCooldown: boolean
  /** A bit of the mark says that a policy denies (v3.30+); before, the rule itself drops. */
  readonly dropMark: boolean
  /** Policies that stand together and select the same endpoints share a chain (v3.28+). */
  readonly policyGroups: boolean
  /** RETURN at the end of a policy's chain is left out (v3.28+). */
  readonly stripsReturns: boolean
  /** An endpoint's chain clears the pass bit with the accept bit (v3.28+); before, where policies begin. */
  readonly clearsPassFirst: boolean
  /** The beginning of a tier says which (v3.29+). */
  readonly tierComments: boolean
  /** The end of a tier says which (v3.30+). */
  readonly tierEndComments: boolean
  /** What the first rule of a policy's chain says of it: its kind and name (v3.32+), its name (v3.22+), nothing. */
  readonly policyComment: 'kind' | 'name' | 'none'
  /** Felix can tell a collector of flows (v3.30+). */
  readonly flowLogs: boolean
  /** Pods may have limits of packets a second (v3.30+). */
  readonly packetRates: boolean
  /** Pods may have a DSCP of their own towards the outside (v3.31+). */
  readonly egressDscp: boolean
  /** Limits that annotations of pods ask for (v3.30+; all of them from v3.31 on). */
  readonly qosControls: QosEra
  /** Ports of init containers are ports of the pod (v3.30+). */
  readonly initContainerPorts: boolean
  /** What Calico makes of objects of Kubernetes has a UID of its own (v3.28+). */
  readonly derivedUids: boolean
}

/** Annotations of a pod that limit what it sends and gets: bandwidth and connections, or peaks and bursts of packets, too. */
export type QosEra = 'none' | 'bandwidth' | 'peaks'

/** Kinds of administrators' policies of Kubernetes. */
export type AdminPolicyKind = 'AdminNetworkPolicy' | 'BaselineAdminNetworkPolicy' | 'ClusterNetworkPolicy'

/** @calico libcalico-go/lib/backend/k8s/conversion */
function adminPolicies(from: (minor: number) => boolean): AdminPolicyKind[] {
  if (from(32)) return ['ClusterNetworkPolicy']
  if (from(30)) return ['AdminNetworkPolicy', 'BaselineAdminNetworkPolicy']
  return from(29) ? ['AdminNetworkPolicy'] : []
}

/** Tiers that are always there: administrators' policies came with v3.29 and v3.30, and got other names with v3.32. */
function builtInTiers(from: (minor: number) => boolean): string[] {
  if (from(32)) return ['kube-admin', 'default', 'kube-baseline']
  const admin = from(29) ? ['adminnetworkpolicy'] : []
  return [...admin, 'default', ...(from(30) ? ['baselineadminnetworkpolicy'] : [])]
}

/** What `nftablesMode` is where nobody says: from v3.32 on Felix goes by kube-proxy. */
export function usualNftablesMode({ major, minor }: CalicoVersion): 'Disabled' | 'Auto' {
  return major > 3 || (major === 3 && minor >= 32) ? 'Auto' : 'Disabled'
}

/** Felix looks at its sets every 90 s and at its chains every 180 s from v3.30 on; before, every 10 s and every 90 s. */
export function looksSeldom({ major, minor }: CalicoVersion): boolean {
  return major > 3 || (major === 3 && minor >= 30)
}

/** What a release does. */
export function traitsOf(version: CalicoVersion): VersionTraits {
  const from = (minor: number): boolean => version.major > 3 || (version.major === 3 && version.minor >= minor)
  return {
    autoMtu: from(17),
    hostBroadcast: !from(20),
    vxlanBlackhole: from(20),
    vxlanIpv6: from(23),
    natPostroutingAppended: from(29),
    wireguardTunnelIps: from(30),
    felixCanOwnRoutes: from(31),
    felixOwnsIpip: from(33),
    routeMtu: from(31),
    birdSkipsWireguard: from(33),
    meshTakesOwnAs: from(32),
    ...(from(32) ? { routeMetric: 1024 } : {}),
    felixRoutesFixedAddresses: from(32),
    poolSet: from(33) ? 'network-ip-pools' : 'all-ipam-pools',
    serviceRangesOutside: from(33),
    masqueradeAvoidsVxlanPort: from(33),
    policyIds: from(32) ? 'kind/name' : from(29) ? 'tier/name' : 'name',
    builtInTiers: builtInTiers(from),
    adminPolicies: adminPolicies(from),
    tierOrders: from(29),
    assignmentMode: from(30),
    namespaceSelector: from(31),
    ipCooldown: from(33),
    dropMark: from(30),
    policyGroups: from(28),
    stripsReturns: from(28),
    clearsPassFirst: from(28),
    tierComments: from(29),
    tierEndComments: from(30),
    policyComment: from(32) ? 'kind' : from(22) ? 'name' : 'none',
    flowLogs: from(30),
    packetRates: from(30),
    egressDscp: from(31),
    qosControls: from(31) ? 'peaks' : from(30) ? 'bandwidth' : 'none',
    initContainerPorts: from(30),
    derivedUids: from(28),
  }
}
