import { routeLine, ruleLine } from '../../linux/index.ts'
import {
  type Namespace,
  type Network,
  type Nexthop,
  type Route,
  type Rule,
  routesOf,
  tableId,
} from '../../model/index.ts'
import { byCalico, type Compared, type ComparedTable, isCalicoDevice } from './compared.ts'

/** Routes of every table but `local`. */
export function comparedRoutes(
  network: Network,
  derived: Namespace,
  dumped: Namespace,
  devices: ReadonlyMap<string, string>,
): ComparedTable {
  const named = (route: Route): Route => {
    const dev = route.dev === undefined ? undefined : devices.get(route.dev)
    return dev === undefined ? route : { ...route, dev }
  }
  return {
    table: 'route',
    expected: routesOf(network, derived).filter(isOfCalico).map(named).map(comparedRoute),
    found: dumped.routes.filter(({ table }) => tableId(table) !== tableId('local')).map(comparedRoute),
    isCalicos: ({ key }) => key.startsWith(OWN),
  }
}

function isOfCalico(route: Route): boolean {
  return byCalico(route.origin) && route.protocol !== 'kernel' && tableId(route.table) !== tableId('local')
}

/** In front of the keys of what only Calico writes. */
const OWN = 'own '

/** A route, as it is compared. */
export function comparedRoute(route: Route): Compared {
  const hops = (route.nexthops ?? [route]).map(hopText).sort().join(', ')
  const isOwn = route.protocol === 'bird' || route.protocol === '80' || isPodRoute(route)
  return {
    key: `${isOwn ? OWN : ''}${route.family} ${tableId(route.table) ?? route.table} ${route.dst} ${route.tos ?? 0}`,
    value: [route.type, hops, route.src ?? '', route.mtu ?? '', route.protocol].join(' '),
    text: routeLine(route),
    entry: { of: 'route', route },
    ...(route.origin === undefined ? {} : { origin: route.origin }),
  }
}

/** A route to a pod, or through a tunnel of Calico, which the kernel did not make. */
function isPodRoute({ dev, protocol, dst }: Route): boolean {
  return isCalicoDevice(dev) && protocol !== 'kernel' && !/^(fe80|ff)/.test(dst)
}

function hopText({ via, dev, onlink }: Nexthop): string {
  return `${via ?? ''} ${dev === 'lo' ? '' : (dev ?? '')} ${onlink === true ? 'onlink' : ''}`
}

/** Policy rules besides those every namespace starts with. */
export function comparedRules(derived: Namespace, dumped: Namespace): ComparedTable {
  return {
    table: 'rule',
    expected: derived.rules.filter(isOwnRule).map(comparedRule),
    found: dumped.rules.filter(isOwnRule).map(comparedRule),
    isCalicos: () => true,
  }
}

function isOwnRule({ priority }: Rule): boolean {
  return priority !== 0 && priority !== 32766 && priority !== 32767
}

function comparedRule(rule: Rule): Compared {
  const text = ruleLine(rule)
  return {
    key: `${rule.family} ${text}`,
    value: '',
    text,
    entry: { of: 'rule', rule },
    ...(rule.origin === undefined ? {} : { origin: rule.origin }),
  }
}
