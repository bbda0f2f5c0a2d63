import * as v from 'valibot'
import { isReadVariable, OF_KUBE_CONTROLLERS } from '../../control/index.ts'
import { parseCidr, parseIp } from '../../wire/index.ts'
import { flag, ip, oneOf, port, prefix, type Shape, text, textMap, whole } from './fields.ts'
import { labelSelector } from './label-selector.ts'
import { objectName } from './names.ts'

const map = 'a map'
const list = 'a list'

/** Types that end in IP hold addresses, the others names. */
const nodeAddress = v.pipe(
  v.object({ type: text, address: text }, map),
  v.forward(
    v.check(
      ({ type, address }) => !String(type).endsWith('IP') || parseIp(String(address)) !== undefined,
      'an IP address, as the type says',
    ),
    ['address'],
  ),
)

/** `spec` and `status` of a Node. */
export const node: Shape = v.object({
  spec: v.nullish(v.object({ podCIDR: v.optional(prefix), podCIDRs: v.optional(v.array(prefix, list)) }, map)),
  status: v.nullish(
    v.object(
      {
        addresses: v.nullish(v.array(nodeAddress, list)),
        nodeInfo: v.nullish(v.record(v.string(), v.unknown(), map)),
        conditions: v.nullish(v.array(v.object({ type: text, status: text }, map), list)),
      },
      map,
    ),
  ),
})

const containerPort = v.object(
  {
    name: v.optional(text),
    containerPort: port,
    protocol: v.optional(oneOf(['TCP', 'UDP', 'SCTP'])),
    hostPort: v.optional(port),
    hostIP: v.optional(v.union([v.literal(''), ip], 'an address of the node')),
  },
  map,
)

/** Conditions of a pod: of the many only whether it is ready. */
const podConditions = v.pipe(
  v.array(v.object({ type: text, status: text, lastTransitionTime: v.nullish(text) }, map), list),
  v.transform((all) => all.filter(({ type }) => type === 'Ready')),
)

/** `spec` and `status` of a Pod. Environment, volumes and commands are left out. */
export const pod: Shape = v.object({
  spec: v.object(
    {
      nodeName: v.optional(objectName),
      hostNetwork: v.optional(v.boolean('true or false')),
      serviceAccountName: v.optional(text),
      containers: v.nullish(
        v.array(
          v.object(
            { name: v.optional(text), image: v.optional(text), ports: v.nullish(v.array(containerPort, list)) },
            map,
          ),
          list,
        ),
      ),
    },
    'a spec',
  ),
  status: v.nullish(
    v.object(
      {
        phase: v.optional(oneOf(['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'])),
        podIP: v.optional(ip),
        podIPs: v.nullish(v.array(v.object({ ip }, map), list)),
        conditions: v.nullish(podConditions),
        containerStatuses: v.nullish(v.array(v.object({ restartCount: v.nullish(v.number('a number')) }, map), list)),
      },
      map,
    ),
  ),
})

/** A Namespace has nothing but metadata that matters. */
export const namespace: Shape = v.object({})

/** `data` of calico-config. */
export const configMap: Shape = v.object({ data: v.nullish(textMap) })

/** Of a variable that nothing reads the name is kept, to say so, and not the value. */
function withoutUnread<V extends { readonly name: unknown; readonly value?: string | undefined }>(variable: V): V {
  const isRead = typeof variable.name === 'string' && isReadVariable(variable.name)
  return isRead || variable.value === undefined ? variable : { ...variable, value: '' }
}

/** What is kept of the environment of a container: nothing of those that are not Calico's. */
function keptOf<V extends { readonly name: unknown; readonly value?: string | undefined }>(
  container: unknown,
  env: readonly V[],
): V[] | undefined {
  if (container === 'calico-node') return env.map(withoutUnread)
  if (container !== 'calico-kube-controllers') return undefined
  return env.filter(({ name }) => typeof name === 'string' && OF_KUBE_CONTROLLERS.has(name))
}

const container = v.pipe(
  v.object(
    {
      name: v.optional(text),
      image: v.optional(text),
      env: v.nullish(
        v.array(
          v.object(
            {
              name: text,
              value: v.optional(v.string('text (put it in quotes)')),
              valueFrom: v.nullish(
                v.object({ configMapKeyRef: v.nullish(v.object({ name: v.optional(text), key: text }, map)) }, map),
              ),
            },
            map,
          ),
          list,
        ),
      ),
    },
    map,
  ),
  v.transform(({ env, ...rest }) => {
    const kept = env && keptOf(rest.name, env)
    return kept === undefined ? rest : { ...rest, env: kept }
  }),
)

/** A StatefulSet or a ReplicaSet: which pods are its own. */
export const podSet: Shape = v.object({ spec: v.object({ selector: v.nullish(labelSelector) }, 'a spec') })

/** calico-node and kube-controllers: images, and the environment of Calico's containers. */
export const workload: Shape = v.object({
  spec: v.object(
    {
      selector: v.nullish(labelSelector),
      template: v.optional(
        v.object(
          {
            spec: v.optional(
              v.object(
                {
                  containers: v.optional(v.array(container, list)),
                },
                map,
              ),
            ),
          },
          map,
        ),
      ),
    },
    'a spec',
  ),
})

/** `spec` of a Service. */
export const service: Shape = v.object({
  spec: v.object(
    {
      type: v.optional(oneOf(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'])),
      clusterIP: v.optional(text),
      clusterIPs: v.optional(v.array(text, list)),
      selector: v.nullish(textMap),
      ports: v.nullish(
        v.array(
          v.object(
            {
              name: v.optional(text),
              protocol: v.optional(oneOf(['TCP', 'UDP', 'SCTP'])),
              port,
              targetPort: v.optional(v.union([port, text], 'a port or the name of one')),
              nodePort: v.optional(port),
            },
            map,
          ),
          list,
        ),
      ),
      externalTrafficPolicy: v.optional(oneOf(['Cluster', 'Local'])),
      internalTrafficPolicy: v.optional(oneOf(['Cluster', 'Local'])),
      externalIPs: v.optional(v.array(ip, list)),
      loadBalancerIP: v.nullish(text),
      loadBalancerSourceRanges: v.nullish(v.array(text, list)),
      healthCheckNodePort: v.nullish(port),
      sessionAffinity: v.nullish(oneOf(['None', 'ClientIP'])),
      sessionAffinityConfig: v.nullish(
        v.object(
          { clientIP: v.nullish(v.object({ timeoutSeconds: v.nullish(whole(1, 86400, 'a number of seconds')) }, map)) },
          map,
        ),
      ),
      publishNotReadyAddresses: v.nullish(flag),
      trafficDistribution: v.nullish(text),
    },
    'a spec',
  ),
  status: v.nullish(
    v.object(
      {
        loadBalancer: v.nullish(
          v.object(
            { ingress: v.nullish(v.array(v.object({ ip: v.nullish(ip), ipMode: v.nullish(text) }, map), list)) },
            map,
          ),
        ),
      },
      map,
    ),
  ),
})

const targetRef = v.object({ kind: v.nullish(text), namespace: v.nullish(text), name: v.nullish(text) }, map)
const slicePorts = v.array(
  v.object({ name: v.nullish(text), protocol: v.nullish(text), port: v.nullish(port) }, map),
  list,
)
const hint = v.object({ name: text }, map)

/** An EndpointSlice. */
export const endpointSlice: Shape = v.object({
  addressType: v.optional(oneOf(['IPv4', 'IPv6', 'FQDN'])),
  endpoints: v.nullish(
    v.array(
      v.object(
        {
          addresses: v.optional(v.array(text, list)),
          nodeName: v.optional(text),
          conditions: v.nullish(
            v.object(
              {
                ready: v.optional(v.boolean('true or false')),
                serving: v.optional(v.boolean('true or false')),
                terminating: v.optional(v.boolean('true or false')),
              },
              map,
            ),
          ),
          targetRef: v.nullish(targetRef),
          hints: v.nullish(
            v.object({ forZones: v.nullish(v.array(hint, list)), forNodes: v.nullish(v.array(hint, list)) }, map),
          ),
        },
        map,
      ),
      list,
    ),
  ),
  ports: v.nullish(slicePorts),
})

const endpointAddresses = v.array(
  v.object({ ip, nodeName: v.nullish(text), targetRef: v.nullish(targetRef) }, map),
  list,
)

/** Endpoints of before EndpointSlices. */
export const endpoints: Shape = v.object({
  subsets: v.nullish(
    v.array(
      v.object(
        {
          addresses: v.nullish(endpointAddresses),
          notReadyAddresses: v.nullish(endpointAddresses),
          ports: v.nullish(slicePorts),
        },
        map,
      ),
      list,
    ),
  ),
})

const isRange = (text: string): boolean => parseCidr(text) !== undefined

/** Ranges of pods, one or one of each family; host bits are cleared. @kubernetes pkg/proxy/apis/config/validation */
const podRanges = v.pipe(
  text,
  v.check(
    (given) =>
      given === '' ||
      String(given)
        .split(',')
        .every((one) => isRange(one.trim())),
    'CIDRs, by commas',
  ),
)
const NODE_PORTS = 'a CIDR of addresses of nodes, or primary'
const nodePortRange = v.pipe(
  v.string(NODE_PORTS),
  v.check((given) => given === 'primary' || isRange(given), NODE_PORTS),
)

/** Settings of kube-proxy, as far as its rules follow from them. */
export const kubeProxyConfiguration: Shape = v.object({
  mode: v.nullish(text),
  clusterCIDR: v.nullish(podRanges),
  detectLocalMode: v.nullish(text),
  detectLocal: v.nullish(v.object({ bridgeInterface: v.nullish(text), interfaceNamePrefix: v.nullish(text) }, map)),
  nodePortAddresses: v.nullish(v.array(nodePortRange, list)),
  iptables: v.nullish(
    v.object(
      {
        masqueradeAll: v.nullish(flag),
        masqueradeBit: v.nullish(whole(0, 31, 'a bit')),
        localhostNodePorts: v.nullish(flag),
      },
      map,
    ),
  ),
  conntrack: v.nullish(v.object({ tcpBeLiberal: v.nullish(flag) }, map)),
  linux: v.nullish(
    v.object(
      { masqueradeAll: v.nullish(flag), conntrack: v.nullish(v.object({ tcpBeLiberal: v.nullish(flag) }, map)) },
      map,
    ),
  ),
})
