import * as v from 'valibot'
import { duration, ip, oneOf, type Shape, text, textMap, whole } from './fields.ts'
import { labelSelector } from './label-selector.ts'
import {
  adminRules,
  adminSubject,
  calicoRules,
  calicoSpec,
  hostPort,
  kubernetesEgress,
  kubernetesIngress,
  labelsToApply,
  order,
  types,
} from './policy-rules.ts'

const map = 'a map'
const list = 'a list'

const kubernetesSpec = {
  podSelector: v.nullish(labelSelector),
  policyTypes: types,
  ingress: kubernetesIngress,
  egress: kubernetesEgress,
  stagedAction: v.nullish(text),
} as const

/** A spec that may be absent: everything in it has a default. */
function specOrNone(shape: Shape): Shape {
  return v.optional(shape, {})
}

/** NetworkPolicy of networking.k8s.io. */
export const kubernetesPolicy: Shape = v.object({ spec: v.object(kubernetesSpec, 'a spec') })

/** StagedKubernetesNetworkPolicy. */
export const stagedKubernetesPolicy: Shape = v.object({ spec: specOrNone(v.object(kubernetesSpec, map)) })

/** NetworkPolicy and GlobalNetworkPolicy of Calico, staged or not. */
export const calicoPolicy: Shape = v.object({ spec: specOrNone(v.object(calicoSpec, map)) })

/** AdminNetworkPolicy, BaselineAdminNetworkPolicy, ClusterNetworkPolicy. */
export const adminPolicy: Shape = v.object({
  spec: v.object(
    {
      tier: v.nullish(text),
      priority: v.nullish(whole(0, 1000, 'a priority')),
      subject: adminSubject,
      ingress: adminRules,
      egress: adminRules,
    },
    'a spec',
  ),
})

/** Tier. */
export const tier: Shape = v.object({
  spec: v.nullish(v.object({ order: v.nullish(order), defaultAction: v.nullish(oneOf(['Deny', 'Pass'])) }, map)),
})

/** NetworkSet and GlobalNetworkSet. */
export const networkSet: Shape = v.object({
  spec: v.nullish(v.object({ nets: v.nullish(v.array(text, list)) }, map)),
})

/** Profile. */
export const profile: Shape = v.object({
  spec: v.nullish(
    v.object({ ingress: calicoRules, egress: calicoRules, labelsToApply: v.nullish(labelsToApply) }, map),
  ),
})

/** HostEndpoint. */
export const hostEndpoint: Shape = v.object({
  spec: v.optional(
    v.object(
      {
        node: v.nullish(text),
        interfaceName: v.nullish(text),
        expectedIPs: v.nullish(v.array(ip, list)),
        profiles: v.nullish(v.array(text, list)),
        ports: v.nullish(v.array(hostPort, list)),
      },
      map,
    ),
    {},
  ),
})

/** A ServiceAccount has nothing but labels that matter. */
export const serviceAccount: Shape = v.object({})

const autoHostEndpoints = v.object(
  {
    autoCreate: v.nullish(text),
    createDefaultHostEndpoint: v.nullish(text),
    templates: v.nullish(
      v.array(
        v.object(
          {
            generateName: v.nullish(text),
            interfaceCIDRs: v.nullish(v.array(text, list)),
            interfacePattern: v.nullish(text),
            nodeSelector: v.nullish(text),
            labels: v.nullish(textMap),
          },
          map,
        ),
        list,
      ),
    ),
  },
  map,
)

/** KubeControllersConfiguration: whether host endpoints are made by themselves, and when what leaks is given back. */
export const kubeControllers: Shape = v.object({
  spec: v.nullish(
    v.object(
      {
        controllers: v.nullish(
          v.object(
            {
              loadBalancer: v.nullish(v.object({ assignIPs: v.nullish(text) }, map)),
              node: v.nullish(
                v.object({ hostEndpoint: v.nullish(autoHostEndpoints), leakGracePeriod: v.nullish(duration) }, map),
              ),
            },
            map,
          ),
        ),
      },
      map,
    ),
  ),
})
