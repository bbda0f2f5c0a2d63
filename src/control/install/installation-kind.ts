import type { AllowedUse } from '../calico-kinds.ts'
import type { ResourceBase } from '../resource.ts'

/** How the operator finds a node's address: one of these. */
export interface Autodetection {
  /** The first address found. */
  readonly firstFound?: boolean
  /** `NodeInternalIP`. */
  readonly kubernetes?: string
  /** Interfaces by pattern. */
  readonly interface?: string
  /** All but these interfaces. */
  readonly skipInterface?: string
  /** The interface towards an address. */
  readonly canReach?: string
  /** Addresses in these ranges. */
  readonly cidrs?: readonly string[]
}

/** What the operator is asked to install. */
export interface InstallationResource extends ResourceBase<'Installation'> {
  /** Desired state, as far as it reaches packets. */
  readonly spec: {
    /** EKS, GKE, AKS, OpenShift, …; decides the default of `cni.type`. */
    readonly kubernetesProvider?: string
    /** Ranges of Services. */
    readonly serviceCIDRs?: readonly string[]
    /** Who wires pods and gives them addresses. */
    readonly cni?: { readonly type?: string; readonly ipam?: { readonly type?: string } }
    /** Networking of Calico. */
    readonly calicoNetwork?: {
      /** Pools; absent = one. */
      readonly ipPools?: readonly {
        readonly name?: string
        readonly cidr: string
        readonly encapsulation?: string
        readonly natOutgoing?: string
        readonly blockSize?: number
        readonly nodeSelector?: string
        readonly disableBGPExport?: boolean
        readonly allowedUses?: readonly AllowedUse[]
        readonly assignmentMode?: 'Automatic' | 'Manual'
        readonly disableNewAllocations?: boolean
      }[]
      /** `Enabled` or `Disabled`. */
      readonly bgp?: string
      /** Whether ports of nodes lead to pods: `Enabled` or `Disabled`. */
      readonly hostPorts?: string
      /** `Iptables`, `BPF`, `Nftables`, `VPP`. */
      readonly linuxDataplane?: string
      /** MTU of pods; absent = automatic. */
      readonly mtu?: number
      /** Who programs routes: `BIRD`, `Felix`, `FelixIPIPOnly`. */
      readonly clusterRoutingMode?: string
      /** Whether pods may forward packets: `Enabled` or `Disabled`. */
      readonly containerIPForwarding?: string
      /** `Veth` or `Netkit`. */
      readonly linuxPodInterfaceType?: string
      /** `None` or `Multus`. */
      readonly multiInterfaceMode?: string
      /** How long the CNI plugin waits for rules. */
      readonly linuxPolicySetupTimeoutSeconds?: number
      /** Settings of pods. */
      readonly sysctl?: readonly { readonly key?: string; readonly value?: string }[]
      /** How IPv4 addresses of nodes are found. */
      readonly nodeAddressAutodetectionV4?: Autodetection
      /** The same for IPv6. */
      readonly nodeAddressAutodetectionV6?: Autodetection
    }
  }
}
