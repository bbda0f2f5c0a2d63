import { type Route, tableId } from '../../model/index.ts'

/**
 * What tells a route from others: the kernel takes no second one with the same. Of its own it has several with one destination, one an
 * interface.
 *
 * @linux net/ipv4/fib_trie.c fib_table_insert
 * @linux net/ipv6/ip6_fib.c fib6_add_rt2node
 */
export function routeKey(route: Route): string {
  const { family, table, dst, tos = 0, metric = 0, protocol } = route
  const key = `${family} ${tableId(table) ?? table} ${dst} ${tos} ${metric}`
  return protocol === 'kernel' ? `${key} kernel ${route.type} ${route.dev} ${route.src}` : key
}
