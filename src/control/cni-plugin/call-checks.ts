import type { CniCall, CniMachine } from './cni-machine.ts'
import { type CniFailure, cniFailure, isCniFailure } from './failure.ts'
import { type NetworkConfig, NODENAME_FILE, readNetworkConfig } from './network-config.ts'

/** Thrown where an answer hangs on what is not modelled; callers of a call say so. */
export class NotModelled extends Error {}

/** A call whose configuration is read, on a node whose name is found. */
export interface CheckedCall {
  readonly call: CniCall
  readonly config: NetworkConfig
  /** Name of the node by the configuration, the file, or the machine. */
  readonly node: string
  /** The handle of the container in IPAM. */
  readonly handle: string
}

/** IPAM plugins that are modelled. */
const IPAM_PLUGINS: readonly string[] = ['calico-ipam', 'host-local']
const LATEST_CNI = [1, 0, 0] as const

/**
 * What the plugin holds against the configuration and its host before it does anything, the same for ADD and DEL.
 * @calico cni-plugin/pkg/plugin/plugin.go
 */
export function checkedCall(machine: CniMachine, call: CniCall, command: 'ADD' | 'DEL'): CheckedCall | CniFailure {
  const config = readNetworkConfig(call.config)
  if (isCniFailure(config)) return config
  if (command === 'ADD' && isLater(config.cniVersion)) {
    return cniFailure('other', `unsupported CNI version ${config.cniVersion}`)
  }
  const said = nodenameFile(machine, call, config)
  if (said === undefined && !config.nodenameFileOptional) {
    const check = 'check that the calico/node container is running and has mounted /var/lib/calico/'
    return cniFailure('other', `stat ${config.nodenameFile}: no such file or directory: ${check}`)
  }
  const refused = command === 'ADD' ? (deviceFault(config) ?? mtuFault(call, config)) : undefined
  if (refused !== undefined) return refused
  if (!/^[a-zA-Z0-9_.-]+$/.test(config.name)) {
    return cniFailure('other', 'invalid characters detected in the given network name')
  }
  const notReady = readinessFault(machine)
  if (notReady !== undefined) return notReady
  for (const gate of command === 'ADD' ? config.readinessGates : []) {
    if (!/^([a-z][a-z0-9+.-]*:|\/)/i.test(gate))
      return cniFailure('other', `invalid URL set for ReadinessGates:${gate}`)
    throw new NotModelled(`readiness_gates: whether ${gate} answers`)
  }
  if (!IPAM_PLUGINS.includes(config.ipam.type)) throw new NotModelled(`the IPAM plugin "${config.ipam.type}"`)
  const node = config.nodename ?? (said === '' ? undefined : said) ?? config.hostname ?? machine.node.toLowerCase()
  return { call, config, node, handle: `${config.name}.${call.container}` }
}

/**
 * What the file with the node's name says; undefined: it is not there. Nobody who describes a node need name it, unless the
 * configuration can do without.
 */
function nodenameFile({ node }: CniMachine, { files }: CniCall, config: NetworkConfig): string | undefined {
  const content = files?.[config.nodenameFile]
  if (content !== undefined || config.nodenameFileOptional) return content
  return config.nodenameFile === NODENAME_FILE || files === undefined ? node : undefined
}

/** Whether a version of the specification is later than those the plugin knows. */
function isLater(version: string): boolean {
  const numbers = version.split('.').map(Number)
  for (const [i, known] of LATEST_CNI.entries()) {
    const asked = numbers[i] ?? 0
    if (asked !== known) return asked > known
  }
  return false
}

function deviceFault({ deviceType, dataplane }: NetworkConfig): CniFailure | undefined {
  if (!['', 'veth', 'netkit'].includes(deviceType)) {
    return cniFailure('other', `unknown device_type "${deviceType}" in CNI config (supported: "veth", "netkit")`)
  }
  if (deviceType === 'netkit') throw new NotModelled('device_type netkit')
  if (dataplane === 'grpc') throw new NotModelled('dataplane_options of type grpc')
  return dataplane === undefined ? undefined : cniFailure('other', `invalid dataplane type: ${dataplane}`)
}

function readinessFault({ objects }: CniMachine): CniFailure | undefined {
  switch (objects.readiness()) {
    case 'ready':
      return undefined
    case 'not-ready':
      return cniFailure('not-ready', 'Calico is currently not ready to process requests')
    case 'unknown':
      return cniFailure(
        'not-ready',
        'error getting ClusterInformation: resource does not exist: ClusterInformation(default)',
      )
  }
}

/** Where Felix writes the MTU for pods. */
const MTU_FILE = '/var/lib/calico/mtu'
/** MTU of a veth that nobody gave one. */
const KERNEL_MTU = 1500

function mtuFault({ files }: CniCall, { requireMtuFile }: NetworkConfig): CniFailure | undefined {
  const content = files?.[MTU_FILE]
  if (content === undefined) {
    const missing = `open ${MTU_FILE}: no such file or directory`
    return requireMtuFile ? cniFailure('other', `failed to read MTU file: ${missing}`) : undefined
  }
  if (/^[+-]?[0-9]+$/.test(content.trim())) return undefined
  return cniFailure('other', `failed to read MTU file: strconv.Atoi: parsing "${content.trim()}": invalid syntax`)
}

/** The MTU of a veth: of the configuration, else of the file, else the kernel's. */
export function mtuOf({ call, config }: CheckedCall): number {
  return config.mtu || Number(call.files?.[MTU_FILE]?.trim() ?? 0) || KERNEL_MTU
}
