import * as v from 'valibot'
import { flag, ip, oneOf, type Shape, text, textMap } from './fields.ts'

const map = 'a map'
const list = 'a list'

/** A label selector of Kubernetes. */
export const labelSelector: Shape = v.object(
  {
    matchLabels: v.nullish(textMap),
    matchExpressions: v.nullish(
      v.array(
        v.object(
          {
            key: text,
            operator: oneOf(['In', 'NotIn', 'Exists', 'DoesNotExist']),
            values: v.nullish(v.array(text, list)),
          },
          map,
        ),
        list,
      ),
    ),
  },
  map,
)

/** Rules are kept as they are: only whether there are any is asked. */
const rules = v.nullish(v.array(v.unknown(), list))
const types = v.nullish(v.array(oneOf(['Ingress', 'Egress']), list))

/** NetworkPolicy of networking.k8s.io. */
export const kubernetesPolicy: Shape = v.object({
  spec: v.object(
    { podSelector: v.nullish(labelSelector), policyTypes: types, ingress: rules, egress: rules },
    'a spec',
  ),
})

/** NetworkPolicy and GlobalNetworkPolicy of Calico. */
export const calicoPolicy: Shape = v.object({
  spec: v.optional(
    v.object(
      {
        selector: v.nullish(text),
        namespaceSelector: v.nullish(text),
        serviceAccountSelector: v.nullish(text),
        types,
        ingress: rules,
        egress: rules,
        doNotTrack: v.nullish(flag),
        preDNAT: v.nullish(flag),
        applyOnForward: v.nullish(flag),
      },
      map,
    ),
    {},
  ),
})

/** AdminNetworkPolicy, BaselineAdminNetworkPolicy, ClusterNetworkPolicy. */
export const adminPolicy: Shape = v.object({
  spec: v.object(
    {
      subject: v.nullish(
        v.object(
          {
            namespaces: v.nullish(labelSelector),
            pods: v.nullish(
              v.object({ namespaceSelector: v.nullish(labelSelector), podSelector: v.nullish(labelSelector) }, map),
            ),
          },
          map,
        ),
      ),
      ingress: rules,
      egress: rules,
    },
    'a spec',
  ),
})

/** Staged policies: nothing of them acts. */
export const stagedPolicy: Shape = v.object({})

/** HostEndpoint. */
export const hostEndpoint: Shape = v.object({
  spec: v.optional(
    v.object(
      {
        node: v.nullish(text),
        interfaceName: v.nullish(text),
        expectedIPs: v.nullish(v.array(ip, list)),
        profiles: v.nullish(v.array(text, list)),
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
    templates: v.nullish(v.array(v.object({ nodeSelector: v.nullish(text), labels: v.nullish(textMap) }, map), list)),
  },
  map,
)

/** KubeControllersConfiguration: whether host endpoints are made by themselves. */
export const kubeControllers: Shape = v.object({
  spec: v.nullish(
    v.object(
      {
        controllers: v.nullish(
          v.object(
            {
              node: v.nullish(v.object({ hostEndpoint: v.nullish(autoHostEndpoints) }, map)),
            },
            map,
          ),
        ),
      },
      map,
    ),
  ),
})
