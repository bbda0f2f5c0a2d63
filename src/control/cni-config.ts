import type { ConfigMapResource } from './kubernetes-kinds.ts'
import type { FieldPath } from './origin.ts'

/** One plugin of a CNI configuration, as far as it is read. */
export interface CniPlugin {
  /** Name of the program. */
  readonly type?: string
  /** Who gives addresses. */
  readonly ipam?: Readonly<Record<string, unknown>>
  /** What the runtime may tell it. */
  readonly capabilities?: Readonly<Record<string, unknown>>
  /** Everything else, by name. */
  readonly [field: string]: unknown
}

/** A CNI configuration. */
export interface CniConfig {
  /** Name of the network. */
  readonly name?: string
  /** Plugins in the order in which they are called. */
  readonly plugins: readonly CniPlugin[]
}

/** Where the manifest keeps the CNI configuration in its ConfigMap. */
export const CNI_CONFIG_PATH: FieldPath = ['data', 'cni_network_config']

/** The CNI configuration of a ConfigMap; undefined where there is none, `'fault'` where it is no JSON. */
export function cniConfigOf(configMap: ConfigMapResource | undefined): CniConfig | 'fault' | undefined {
  const text = configMap?.data?.['cni_network_config']
  if (text === undefined) return undefined
  try {
    // The template holds bare words such as "mtu": __CNI_MTU__ that install-cni replaces.
    const config = JSON.parse(text.replace(/:\s*__[A-Z_]+__/g, ': 0')) as Partial<CniConfig> | null
    const { name, plugins } = config ?? {}
    return { ...(typeof name === 'string' ? { name } : {}), plugins: Array.isArray(plugins) ? plugins : [] }
  } catch {
    return 'fault'
  }
}
