import type { NetNs } from '../kernel/netns.ts'
import type { Change, Part, PartKind } from '../kernel/part.ts'
import { TUNNELS_SLOT } from './slot.ts'
import { type SavedVxlanLearned, VxlanLearned } from './vxlan-learned.ts'
import { rearmWireguard } from './wireguard.ts'
import {
  loadWireguard,
  saveWireguard,
  stopWireguard,
  type WireguardSave,
  type WireguardState,
  wireguardState,
} from './wireguard-peers.ts'

/** What {@link TunnelPart.save} gives and {@link TunnelPart.load} takes. */
export interface SavedTunnels {
  /** Learned VXLAN entries. */
  readonly vxlan: SavedVxlanLearned
  /** WireGuard peers. */
  readonly wireguard: WireguardSave
}

/** What the tunnels of a namespace have learned; kept over edits. */
export class TunnelPart implements Part<SavedTunnels> {
  /** Behind which remote an inner address lives. */
  readonly vxlan: VxlanLearned = new VxlanLearned()
  /** Run-time state of WireGuard devices, by name. */
  wireguard: Map<string, WireguardState> = new Map()
  private readonly ns: NetNs

  constructor(ns: NetNs) {
    this.ns = ns
  }

  /** Nothing is compiled: settings are read from the model when a packet needs them. */
  update({ devices }: Change): void {
    const { ns, wireguard } = this
    if (devices && wireguard.size > 0) {
      stopWireguard(ns, (name) => ns.byName.get(name)?.up !== true)
      for (const name of wireguard.keys()) wireguardState(ns.byName.get(name)!)
    }
  }

  end(): void {
    if (this.wireguard.size > 0) stopWireguard(this.ns, () => true)
  }

  save(): SavedTunnels {
    return { vxlan: this.vxlan.save(), wireguard: saveWireguard(this.wireguard) }
  }

  load(saved: SavedTunnels): void {
    this.vxlan.load(saved.vxlan)
    this.wireguard = loadWireguard(saved.wireguard, (dev, peer, timer, deadline) =>
      rearmWireguard(this.ns, dev, peer, timer, deadline),
    )
  }
}

/** Tunnels. */
export const TUNNELS: Readonly<PartKind<TunnelPart>> = {
  slot: TUNNELS_SLOT,
  make: (ns) => new TunnelPart(ns),
}
