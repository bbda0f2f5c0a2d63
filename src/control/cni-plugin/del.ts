import { workloadEndpointName } from '../names.ts'
import { checkedCall } from './call-checks.ts'
import type { CniCall, CniMachine } from './cni-machine.ts'
import { type CniFailure, isCniFailure } from './failure.ts'
import { releasePodAddresses } from './pod-addresses.ts'

/**
 * DEL: the endpoint, unless a later container of the pod has it; the interface in the container; its addresses. What is not
 * there is no fault.
 *
 * @returns why not; undefined when all is done
 * @calico cni-plugin/pkg/k8s/k8s.go CmdDelK8s
 */
export function cniDel(machine: CniMachine, call: CniCall): CniFailure | undefined {
  const checked = checkedCall(machine, call, 'DEL')
  if (isCniFailure(checked)) return checked
  const key = `${call.namespace}/${workloadEndpointName(checked.node, call.pod, call.interface)}`
  const endpoint = machine.endpoints.get(key)
  if (endpoint?.spec.containerID === call.container) machine.endpoints.delete(key)
  for (const [hostName, device] of machine.devices) {
    if (device.container === call.container && device.name === call.interface) machine.devices.delete(hostName)
  }
  return releasePodAddresses(machine, checked)
}
