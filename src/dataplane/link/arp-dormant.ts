import { keptIn, knownOf, type Namespace, type Sysctls } from '../../model/index.ts'
import { numberToIpv4 } from '../../wire/index.ts'
import type { NetDevice } from '../kernel/net-device.ts'

/** Sysctls under which a host may answer, or learn, though the address asked for is none of its own. */
const TALKATIVE = ['proxy_arp', 'proxy_arp_pvlan', 'arp_accept'] as const

/**
 * Whether a namespace that nothing has touched yet will do nothing about a broadcast ARP request: it has no such address,
 * answers for nobody and has no opinion of the asker to revise. Judged from the model alone, so that one request in a segment of thousands of
 * hosts does not compile them all; the outcome is that of the full way.
 */
export function isIndifferent(dev: NetDevice, sender: number, target: number): boolean {
  const { model } = dev.ns
  const known = knownOf(model)
  if (known?.interface(dev.name) === undefined) return isIndifferentAsAWhole(model, dev.name, sender, target)
  return !known.mayHave(numberToIpv4(target)) && !isTalkative(known.sysctls, dev.name)
}

function isIndifferentAsAWhole(model: Namespace, dev: string, sender: number, target: number): boolean {
  if (model.proxyNeighbours.length > 0) return false
  const asker: string = numberToIpv4(sender)
  if (model.neighbours.some((one) => one.dst === asker && one.dev === dev && one.state !== 'PERMANENT')) return false
  if (isTalkative(model.sysctls, dev)) return false
  const text: string = numberToIpv4(target)
  for (const { addresses } of Object.values(model.interfaces)) {
    for (const { local } of addresses) if (local === text) return false
  }
  return !model.routes.some(
    ({ type, protocol, family }) => type === 'local' && family === 'inet' && protocol !== 'kernel',
  )
}

/** Thousands of nodes have the very same sysctls. */
const judged = new WeakMap<Sysctls, Map<string, boolean>>()

function isTalkative(sysctls: Sysctls, dev: string): boolean {
  const known = judged.get(sysctls)?.get(dev)
  if (known !== undefined) return known
  return keptIn(
    keptIn(judged, sysctls, () => new Map<string, boolean>()),
    dev,
    () => mayTalk(sysctls, dev),
  )
}

function mayTalk(sysctls: Sysctls, dev: string): boolean {
  const places = [dev.replaceAll('.', '/'), 'all', 'default']
  return TALKATIVE.some((name) => places.some((place) => isOn(sysctls[`net.ipv4.conf.${place}.${name}`])))
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== '0'
}
