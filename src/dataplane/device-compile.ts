import type { Address, Interface, InterfaceKind, Scope } from '../model/index.ts'
import { ipv4ToNumber, ipv6ToKey, macToKey } from '../wire/index.ts'
import type { DeviceConf } from './device-conf.ts'
import type { Bridge } from './link/bridge.ts'
import {
  type In4Conf,
  type In6Addr,
  type In6Conf,
  type InAddr,
  LINKTYPE_ETHERNET,
  LINKTYPE_RAW,
  type NeighParms,
  type NetDevice,
} from './net-device.ts'
import type { NetNs } from './netns.ts'

const ETHERNET_HEADER = 14

/** RT_SCOPE numbers. */
const SCOPES: Readonly<Record<Scope, number>> = { global: 0, site: 200, link: 253, host: 254, nowhere: 255 }

/** A device; the other end of its wire is looked up when first asked for, so that no namespace is compiled in vain. */
export class Device implements NetDevice {
  ns: NetNs
  readonly ifindex: number
  readonly name: string
  readonly kind: InterfaceKind
  model: Interface
  mac = 0
  mtu = 0
  up = false
  carrier = false
  noarp = false
  pointToPoint = false
  loopback: boolean
  linkType: number
  hardHeaderLen: number
  neededHeadroom = 0
  master: Bridge | null = null
  bridge: Bridge | null = null
  addrs4: readonly InAddr[] = []
  addrs6: readonly In6Addr[] = []
  conf4!: In4Conf
  conf6!: In6Conf
  neigh4!: NeighParms
  neigh6!: NeighParms
  recordId = 0
  rxPackets = 0
  rxBytes = 0
  txPackets = 0
  txBytes = 0
  rxDropped = 0
  txDropped = 0
  private cachedPeer: NetDevice | null | undefined = undefined

  constructor(ns: NetNs, model: Interface) {
    this.ns = ns
    this.model = model
    this.ifindex = model.ifindex
    this.name = model.name
    this.kind = model.kind
    this.loopback = model.kind === 'loopback'
    const raw = model.kind === 'ipip' || model.kind === 'wireguard'
    this.linkType = raw ? LINKTYPE_RAW : LINKTYPE_ETHERNET
    this.hardHeaderLen = raw ? 0 : ETHERNET_HEADER
  }

  get peer(): NetDevice | null {
    if (this.cachedPeer === undefined) this.cachedPeer = this.ns.sim.peerOf(this)
    return this.cachedPeer
  }
  set peer(peer: NetDevice | null) {
    this.cachedPeer = peer
  }

  /** Asks for the other end again next time. */
  forgetPeer(): void {
    this.cachedPeer = undefined
  }

  /** Takes over what the model says now. Pointers to the device stay good. */
  update(model: Interface, conf: DeviceConf, carrier: boolean): void {
    if (this.model !== model || this.mtu === 0) this.readModel(model)
    this.carrier = carrier
    this.conf4 = conf.conf4(this.name)
    this.conf6 = conf.conf6(this.name, this.mtu)
    this.neigh4 = conf.parms('ipv4', this.name)
    this.neigh6 = conf.parms('ipv6', this.name)
  }

  private readModel(model: Interface): void {
    this.model = model
    this.mac = model.mac === undefined || this.hardHeaderLen === 0 ? 0 : macToKey(model.mac)
    this.mtu = model.mtu
    this.up = model.up
    this.noarp = model.noarp === true
    this.pointToPoint = this.kind === 'wireguard' || (this.kind === 'ipip' && model.ipip?.remote !== undefined)
    this.addrs4 = model.addresses.filter(({ family }) => family === 'inet').map(inetAddress)
    this.addrs6 = model.addresses.filter(({ family, dadfailed }) => family === 'inet6' && !dadfailed).map(inet6Address)
  }
}

function inetAddress(address: Address): InAddr {
  const local = ipv4ToNumber(address.local)
  const { prefixlen } = address
  return {
    local,
    address: address.peer === undefined ? local : ipv4ToNumber(address.peer),
    mask: prefixlen === 0 ? 0 : (0xffff_ffff << (32 - prefixlen)) >>> 0,
    prefixlen,
    broadcast: address.broadcast === undefined ? 0 : ipv4ToNumber(address.broadcast),
    scope: SCOPES[address.scope],
    secondary: address.secondary === true,
  }
}

function inet6Address(address: Address): In6Addr {
  const { scope } = address
  return {
    key: ipv6ToKey(address.local),
    prefixlen: address.prefixlen,
    scope: scope === 'nowhere' ? 'host' : scope,
    tentative: address.tentative === true,
    deprecated: address.deprecated === true,
  }
}
