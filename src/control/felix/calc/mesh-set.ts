import type { SetId } from '../../policy/model.ts'
import { endpointSelector, NAMESPACE_LABEL, ORCHESTRATOR } from '../../policy/selector-text.ts'
import type { SetSpec } from '../../policy/set-spec.ts'

/** The set of Istio's ambient mesh: Felix has it whatever rules ask. @calico felix/calc/istio_calculator.go */
const MESH = 'all-istio-weps'
const MODE = 'istio.io/dataplane-mode'
const MESH_SELECTOR = endpointSelector(
  `${ORCHESTRATOR} == 'k8s' && (${NAMESPACE_LABEL}${MODE} == 'ambient' && ${MODE} != 'none' || ${MODE} == 'ambient')`,
)

/** Sets with that of the mesh. */
export function withMesh(specs: ReadonlyMap<SetId, SetSpec>): ReadonlyMap<SetId, SetSpec> {
  return new Map([...specs, [MESH, { kind: 'selector', selector: MESH_SELECTOR }]])
}
