import type { Mac } from '../../wire/index.ts'
import type { Converted } from '../conversion/converted.ts'
import type { EndpointSpec } from '../conversion/endpoint-kind.ts'

/** `spec` of an endpoint as the plugin writes it. */
export interface PluginEndpointSpec extends Omit<EndpointSpec, 'endpoint'> {
  /** Interface in the pod. */
  readonly endpoint: string
  /** MAC of that interface. */
  readonly mac: Mac
}

/** An endpoint as the plugin writes it. */
export type PluginEndpoint = Converted<'WorkloadEndpoint', PluginEndpointSpec>
