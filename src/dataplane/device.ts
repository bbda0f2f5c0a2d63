import type { Address, Interface, InterfaceKind } from '../model/index.ts'
import { ETHERNET_HEADER_LENGTH, InvariantError, ipv4ToNumber, ipv6ToKey, macToKey } from '../wire/index.ts'
import type { DeviceConf } from './device-conf.ts'
import {
  type In4Conf,
  type In6Addr,
  type In6Conf,
  type InAddr,
  LINKTYPE_ETHERNET,
  LINKTYPE_RAW,
  type NeighParms,
  type NetDevice,
} from './kernel/net-device.ts'
import { scopeNumber } from './kernel/rtn.ts'
import type { Bridge } from './link/bridge.ts'
import type { NetNamespace } from './net-namespace.ts'

/**
 * A device. Its settings, its carrier and the other end of its wire are looked up when first asked for, so that no namespace
 * is compiled in vain. Getters only look whether it was done, so that they are short enough for V8 to inline everywhere.
 */
export class Device implements NetDevice {
  ns: NetNamespace
  readonly ifindex: number
  readonly name: string
  readonly kind: InterfaceKind
  model: Interface
  mac = 0
  mtu = 0
  up = false
  noarp = false
  pointToPoint = false
  loopback: boolean
  linkType: number
  hardHeaderLen: number
  neededHeadroom = 0
  master: Bridge | null = null
  bridge: Bridge | null = null
  recordId = 0
  rxPackets = 0
  rxBytes = 0
  txPackets = 0
  txBytes = 0
  rxDropped = 0
  txDropped = 0
  private seen: Interface | null = null
  private cachedAddrs4: readonly InAddr[] | null = null
  private cachedAddrs6: readonly In6Addr[] | null = null
  private settings: () => DeviceConf = unset
  private cachedPeer: NetDevice | null | undefined = undefined
  private cachedCarrier: boolean | undefined = undefined
  private cached4: In4Conf | null = null
  private cached6: In6Conf | null = null
  private cachedNeigh4: NeighParms | null = null
  private cachedNeigh6: NeighParms | null = null

  constructor(ns: NetNamespace, model: Interface) {
    this.ns = ns
    this.model = model
    this.ifindex = model.ifindex
    this.name = model.name
    this.kind = model.kind
    this.loopback = model.kind === 'loopback'
    const raw = model.kind === 'ipip' || model.kind === 'wireguard'
    this.linkType = raw ? LINKTYPE_RAW : LINKTYPE_ETHERNET
    this.hardHeaderLen = raw ? 0 : ETHERNET_HEADER_LENGTH
  }

  get addrs4(): readonly InAddr[] {
    return this.cachedAddrs4 ?? this.readAddrs4()
  }

  get addrs6(): readonly In6Addr[] {
    return this.cachedAddrs6 ?? this.readAddrs6()
  }

  get peer(): NetDevice | null {
    return this.cachedPeer === undefined ? this.findPeer() : this.cachedPeer
  }

  get carrier(): boolean {
    return this.cachedCarrier ?? this.findCarrier()
  }

  get conf4(): In4Conf {
    return this.cached4 ?? this.readConf4()
  }

  get conf6(): In6Conf {
    return this.cached6 ?? this.readConf6()
  }

  get neigh4(): NeighParms {
    return this.cachedNeigh4 ?? this.readNeigh4()
  }

  get neigh6(): NeighParms {
    return this.cachedNeigh6 ?? this.readNeigh6()
  }

  /** Up, and not known to be without carrier. */
  get works(): boolean {
    return this.up && this.cachedCarrier !== false
  }

  /** Somebody has asked for its carrier or its other end. */
  get isLinked(): boolean {
    return this.cachedCarrier !== undefined || this.cachedPeer !== undefined
  }

  /** Asks for carrier and the other end again next time. */
  forget(): void {
    this.cachedPeer = undefined
    this.cachedCarrier = undefined
  }

  /** Takes over what the model says now. */
  update(model: Interface, settings: () => DeviceConf): void {
    if (this.seen !== model) this.readModel(model)
    this.settings = settings
    this.forgetSettings()
  }

  /** Asks for its settings again next time. */
  forgetSettings(): void {
    this.cached4 = null
    this.cached6 = null
    this.cachedNeigh4 = null
    this.cachedNeigh6 = null
  }

  private readAddrs4(): readonly InAddr[] {
    this.cachedAddrs4 = this.model.addresses.filter(({ family }) => family === 'inet').map(inetAddress)
    return this.cachedAddrs4
  }

  private readAddrs6(): readonly In6Addr[] {
    const { addresses } = this.model
    this.cachedAddrs6 = addresses.filter(({ family, dadfailed }) => family === 'inet6' && !dadfailed).map(inet6Address)
    return this.cachedAddrs6
  }

  private findPeer(): NetDevice | null {
    this.cachedPeer = this.ns.sim.peerOf(this)
    return this.cachedPeer
  }

  private findCarrier(): boolean {
    this.cachedCarrier = this.ns.sim.carrierOf(this.ns.name, this.model)
    return this.cachedCarrier
  }

  private readConf4(): In4Conf {
    this.cached4 = this.settings().conf4(this.name)
    return this.cached4
  }

  private readConf6(): In6Conf {
    this.cached6 = this.settings().conf6(this.name, this.mtu)
    return this.cached6
  }

  private readNeigh4(): NeighParms {
    this.cachedNeigh4 = this.settings().parms('ipv4', this.name)
    return this.cachedNeigh4
  }

  private readNeigh6(): NeighParms {
    this.cachedNeigh6 = this.settings().parms('ipv6', this.name)
    return this.cachedNeigh6
  }

  private readModel(model: Interface): void {
    this.seen = model
    this.model = model
    this.mac = model.mac === undefined || this.hardHeaderLen === 0 ? 0 : macToKey(model.mac)
    this.mtu = model.mtu
    this.up = model.up
    this.noarp = model.noarp === true
    this.pointToPoint = this.kind === 'wireguard' || (this.kind === 'ipip' && model.ipip?.remote !== undefined)
    this.cachedAddrs4 = null
    this.cachedAddrs6 = null
  }
}

function unset(): never {
  throw new InvariantError('a device is used before it was compiled')
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
    scope: scopeNumber(address.scope),
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
