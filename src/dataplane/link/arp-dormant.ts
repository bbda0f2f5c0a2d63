import { outlineOf } from '../../model/index.ts'
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
  const outline = outlineOf(dev.ns.model)
  const model = Object.hasOwn(outline.interfaces, dev.name) ? outline : dev.ns.model
  if (model.proxyNeighbours.length > 0) return false
  const asker: string = numberToIpv4(sender)
  if (model.neighbours.some((one) => one.dst === asker && one.dev === dev.name && one.state !== 'PERMANENT'))
    return false
  const own = `net.ipv4.conf.${dev.name.replaceAll('.', '/')}.`
  for (const name of TALKATIVE) {
    const { sysctls } = model
    if (isOn(sysctls[own + name]) || isOn(sysctls[`net.ipv4.conf.all.${name}`])) return false
    if (isOn(sysctls[`net.ipv4.conf.default.${name}`])) return false
  }
  const text: string = numberToIpv4(target)
  for (const { addresses } of Object.values(model.interfaces)) {
    for (const { local } of addresses) if (local === text) return false
  }
  return !model.routes.some(
    ({ type, protocol, family }) => type === 'local' && family === 'inet' && protocol !== 'kernel',
  )
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== '0'
}
