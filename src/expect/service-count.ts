import type { Expectation } from '../input/index.ts'
import { invalid, type Lab } from '../lab/index.ts'

/** How many endpoints of a Service take connections, of one port where one is named. @throws InputError for what is no Service */
export function readyEndpoints(
  lab: Lab,
  { to, namespace, port }: Pick<Expectation, 'to' | 'namespace' | 'port'>,
): number {
  const { cluster } = lab
  if (cluster === null) throw invalid('objects: endpoints of Services are counted by them', 'dumps alone')
  const label = to.kind === 'name' ? lab.endpoint(to.name, namespace).label : ''
  const service = cluster.resources.services.find(
    ({ metadata }) => label === `svc/${metadata.namespace ?? 'default'}/${metadata.name}`,
  )
  if (service === undefined)
    throw invalid('a Service, e.g. svc/shop/web', to.kind === 'name' ? `"${to.name}"` : 'a selector')
  const named = (service.spec.ports ?? []).find(({ name, port: number }) => port === name || port === number)
  if (port !== undefined && named === undefined) throw invalid(`a port of ${label}`, `"${port}"`)
  if (service.spec.clusterIP === 'None') return cluster.dnsAddresses(service).length
  const ports = cluster
    .serviceEndpoints(service)
    .filter(({ service: of }) => named === undefined || of.port === named.port)
  // Of a Service of both families each endpoint is there twice.
  const counts = ([4, 6] as const).map((family) => {
    const own = ports.filter((one) => one.family === family).flatMap(({ endpoints }) => endpoints)
    return new Set(own.filter(({ ready }) => ready).map(({ address }) => address)).size
  })
  return Math.max(...counts)
}
