import { type ResolvedRoute, tableId } from '../model/index.ts'
import { routeTableName } from './route-names.ts'

/** What `ip route get` is asked for besides the route. */
export interface RouteGetOptions {
  /** `-d`. */
  readonly details?: boolean
}

function tableOf({ table }: ResolvedRoute, details: boolean): string | undefined {
  return table === undefined || (tableId(table) === tableId('main') && !details) ? undefined : routeTableName(table)
}

function mark(value: number): string {
  return value >= 16 ? `0x${value.toString(16)}` : String(value)
}

/** The answer as `ip route get` prints it, its second line for IPv4 with it. @iproute2 ip/iproute.c print_route */
export function routeGetText(found: ResolvedRoute, { details = false }: RouteGetOptions = {}): string {
  const { family, route } = found
  const inet6 = family === 'inet6'
  const words: string[] = []
  const add = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) words.push(`${name} ${value}`)
  }
  if (details || found.type !== 'unicast') words.push(found.type)
  words.push(found.dst)
  add('from', found.from)
  add('via', found.via)
  add('dev', found.dev)
  add('table', tableOf(found, details))
  if (inet6 && (details || route?.protocol !== 'boot')) add('proto', route?.protocol)
  if (inet6 && details) add('scope', route?.scope)
  add('src', found.src)
  if (inet6) add('metric', route?.metric ?? 0)
  add('mark', found.mark === undefined ? undefined : mark(found.mark))
  add('uid', found.uid)
  const tail: string[] = []
  if (!inet6) tail.push(found.cache.length === 0 ? '\n    cache' : `\n    cache <${found.cache.join(',')}>`)
  if (found.expires !== undefined) tail.push(`expires ${found.expires}sec`)
  if (found.mtu !== undefined) tail.push(`mtu ${found.mtuLock === true ? 'lock ' : ''}${found.mtu}`)
  if (found.advmss !== undefined) tail.push(`advmss ${found.advmss}`)
  if (found.iif !== undefined) tail.push(`iif ${found.iif}`)
  if (inet6) tail.push(`pref ${route?.pref ?? 'medium'}`)
  return inet6 ? `${[...words, ...tail].join(' ')}\n` : `${words.join(' ')} ${tail.join(' ')} \n`
}

/** The answer as `ip -j route get` prints it. */
export function routeGetJson(found: ResolvedRoute, { details = false }: RouteGetOptions = {}): Record<string, unknown> {
  const { family, route } = found
  const inet6 = family === 'inet6'
  const table = tableOf(found, details)
  const metrics = {
    ...(found.mtu === undefined ? {} : { mtu: found.mtu }),
    ...(found.advmss === undefined ? {} : { advmss: found.advmss }),
  }
  return {
    ...(details || found.type !== 'unicast' ? { type: found.type } : {}),
    dst: found.dst,
    ...(found.from === undefined ? {} : { from: found.from }),
    ...(found.via === undefined ? {} : { gateway: found.via }),
    dev: found.dev,
    ...(table === undefined ? {} : { table }),
    ...(inet6 && (details || route?.protocol !== 'boot') ? { protocol: route?.protocol } : {}),
    ...(inet6 && details ? { scope: route?.scope } : {}),
    ...(found.src === undefined ? {} : { prefsrc: found.src }),
    ...(inet6 ? { metric: route?.metric ?? 0 } : {}),
    flags: [],
    ...(found.mark === undefined ? {} : { mark: found.mark }),
    ...(found.uid === undefined ? {} : { uid: found.uid }),
    ...(inet6 ? {} : { cache: found.cache }),
    ...(found.expires === undefined ? {} : { expires: found.expires }),
    ...(Object.keys(metrics).length === 0 ? {} : { metrics: [metrics] }),
    ...(found.iif === undefined ? {} : { iif: found.iif }),
    ...(inet6 ? { pref: route?.pref ?? 'medium' } : {}),
  }
}
