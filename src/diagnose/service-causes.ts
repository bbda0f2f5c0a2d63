import { isAlive, podReadiness, type ServiceResource, selectsLabels } from '../control/index.ts'
import type { ServiceRef } from '../model/index.ts'
import { type Decision, serviceName } from '../trace/index.ts'
import type { Cause, DropPlace } from './cause.ts'
import type { Facts } from './facts.ts'

/** A Service that has nobody to send the packet to, and why. */
export function noBackend(
  { service, local, netns }: Extract<Decision, { readonly kind: 'no-backend' }>,
  { facts }: DropPlace,
): Cause {
  const object = serviceOf(service, facts)
  if (!local) return emptyService(service, object, serviceName(service), facts)
  return {
    code: 'service_empty',
    because: `its traffic policy is Local, and none of its endpoints runs on ${netns}`,
    right: 'Ask a node that runs one of its pods, or set the traffic policy to Cluster',
    placed: placesOf(service, object),
  }
}

/**
 * A Service without any endpoint that takes connections.
 * @param title - as people say it
 */
export function emptyService(
  named: Pick<ServiceRef, 'namespace' | 'name'>,
  object: ServiceResource | undefined,
  title: string,
  facts: Facts,
): Cause {
  return {
    code: 'service_empty',
    because: object === undefined ? '' : whyEmpty(object, facts),
    right: `${title} needs a pod that its selector matches, and that is ready`,
    placed: placesOf(named, object),
  }
}

/** Where one sees what a Service selects, and what it has. */
function placesOf(
  { namespace, name }: Pick<ServiceRef, 'namespace' | 'name'>,
  service: ServiceResource | undefined,
): string[] {
  const slices = `kubectl get endpointslices -n ${namespace} -l kubernetes.io/service-name=${name} -o wide`
  const selector = Object.entries(service?.spec.selector ?? {}).map(([key, value]) => `${key}=${value}`)
  const pods = selector.length === 0 ? [] : [`kubectl get pods -n ${namespace} -l ${selector.join(',')} -o wide`]
  return [slices, ...pods, `kubectl get service -n ${namespace} ${name} -o yaml`]
}

function serviceOf({ namespace, name }: ServiceRef, facts: Facts): ServiceResource | undefined {
  return facts.cluster?.resources.services.find(
    ({ metadata }) => metadata.name === name && (metadata.namespace ?? 'default') === namespace,
  )
}

function whyEmpty(service: ServiceResource, facts: Facts): string {
  const { selector } = service.spec
  const namespace = service.metadata.namespace ?? 'default'
  const entries = Object.entries(selector ?? {})
  if (entries.length === 0) return 'it has no selector, and no EndpointSlice with endpoints is given for it'
  const words = entries.map(([key, value]) => `${key}=${value}`).join(',')
  const pods = (facts.cluster?.resources.pods ?? []).filter(
    ({ metadata }) =>
      (metadata.namespace ?? 'default') === namespace &&
      selectsLabels({ matchLabels: selector ?? {} }, metadata.labels ?? {}),
  )
  if (pods.length === 0) return `no pod of namespace ${namespace} has the labels of its selector, ${words}`
  const ready = pods.filter((pod) => isAlive(pod) && podReadiness(pod, false).ready)
  const who = `${pods.length} ${pods.length === 1 ? 'pod' : 'pods'} of namespace ${namespace} with ${words}`
  return ready.length === 0
    ? `none of ${who} is ready`
    : `there are ${who}, but no EndpointSlice lists one for this port`
}

/** A load balancer's address asked from where it may not be. */
export function outsideRange({ service, seen }: Extract<Decision, { readonly kind: 'source-range' }>): Cause {
  const { namespace, name } = service
  return {
    code: 'service_source',
    right: `Add ${seen.source.address} to spec.loadBalancerSourceRanges of Service ${namespace}/${name}, or ask from within them`,
    placed: [`kubectl get service -n ${namespace} ${name} -o yaml`],
  }
}
