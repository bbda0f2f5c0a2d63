import * as v from 'valibot'
import { isReadVariable, OF_KUBE_CONTROLLERS } from '../../control/index.ts'
import { parseCidr, parseIp } from '../../wire/index.ts'
import { annotations, duration, flag, ip, oneOf, port, prefix, type Shape, text, textMap, whole } from './fields.ts'
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

const condition = v.object(
  {
    type: text,
    status: text,
    reason: v.nullish(text),
    message: v.nullish(text),
    lastTransitionTime: v.nullish(text),
  },
  map,
)

const taint = v.object({ key: text, value: v.nullish(text), effect: text, timeAdded: v.nullish(text) }, map)

/** `spec` and `status` of a Node. */
export const node: Shape = v.object({
  spec: v.nullish(
    v.object(
      {
        podCIDR: v.optional(prefix),
        podCIDRs: v.optional(v.array(prefix, list)),
        unschedulable: v.nullish(flag),
        taints: v.nullish(v.array(taint, list)),
      },
      map,
    ),
  ),
  status: v.nullish(
    v.object(
      {
        addresses: v.nullish(v.array(nodeAddress, list)),
        nodeInfo: v.nullish(v.record(v.string(), v.unknown(), map)),
        conditions: v.nullish(v.array(condition, list)),
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

/** What is read of the conditions of a pod that hold: the others are told by its phase. */
const READ_CONDITIONS: ReadonlySet<unknown> = new Set(['PodScheduled', 'PodReadyToStartContainers'])

/** Conditions of a pod: of the many whether it is ready, and whether it has no node or no network yet. */
const podConditions = v.pipe(
  v.array(condition, list),
  v.transform((all) =>
    all.filter(({ type, status }) => type === 'Ready' || (status === 'False' && READ_CONDITIONS.has(type))),
  ),
)

const requirements = v.array(v.object({ key: text, operator: text, values: v.nullish(v.array(text, list)) }, map), list)
const nodeTerm = v.object({ matchExpressions: v.nullish(requirements), matchFields: v.nullish(requirements) }, map)
const nodeTerms = v.object({ nodeSelectorTerms: v.array(nodeTerm, list) }, map)
const podTerms = v.array(
  v.object(
    { labelSelector: v.nullish(labelSelector), namespaces: v.nullish(v.array(text, list)), topologyKey: text },
    map,
  ),
  list,
)
const nearPods = v.nullish(v.object({ requiredDuringSchedulingIgnoredDuringExecution: v.nullish(podTerms) }, map))

const toleration = v.object(
  {
    key: v.nullish(text),
    operator: v.nullish(text),
    value: v.nullish(text),
    effect: v.nullish(text),
    tolerationSeconds: v.nullish(v.number('a number of seconds')),
  },
  map,
)

/** Where a pod may run, and how long it takes to end. */
const placement = {
  nodeSelector: v.nullish(textMap),
  tolerations: v.nullish(v.array(toleration, list)),
  affinity: v.nullish(
    v.object(
      {
        nodeAffinity: v.nullish(
          v.object({ requiredDuringSchedulingIgnoredDuringExecution: v.nullish(nodeTerms) }, map),
        ),
        podAffinity: nearPods,
        podAntiAffinity: nearPods,
      },
      map,
    ),
  ),
  terminationGracePeriodSeconds: v.nullish(v.number('a number of seconds')),
}

/** `spec` and `status` of a Pod. Environment, volumes and commands are left out. */
export const pod: Shape = v.object({
  spec: v.object(
    {
      nodeName: v.optional(objectName),
      hostNetwork: v.optional(v.boolean('true or false')),
      serviceAccountName: v.optional(text),
      ...placement,
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
        reason: v.nullish(text),
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
      ports: v.nullish(v.array(containerPort, list)),
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

/** A container of which nobody reads the environment. */
const plainContainer = v.object(
  { name: v.optional(text), image: v.optional(text), ports: v.nullish(v.array(containerPort, list)) },
  map,
)

/** What pods are made from. */
function templateOf(containers: Shape): Shape {
  return v.object(
    {
      metadata: v.nullish(v.object({ labels: v.nullish(textMap), annotations: v.nullish(annotations) }, map)),
      spec: v.optional(
        v.object(
          {
            nodeName: v.optional(objectName),
            hostNetwork: v.optional(flag),
            serviceAccountName: v.optional(text),
            ...placement,
            containers: v.optional(v.array(containers, list)),
          },
          map,
        ),
      ),
    },
    map,
  )
}

const replicas = v.nullish(whole(0, 2 ** 31 - 1, 'a number of pods'))
const share = v.nullish(v.union([v.number(), v.string()], 'a number, or a share of the pods, e.g. 25%'))
const strategy = v.nullish(
  v.object(
    {
      type: v.nullish(text),
      rollingUpdate: v.nullish(
        v.object({ maxUnavailable: share, maxSurge: share, partition: v.nullish(v.number('a number')) }, map),
      ),
    },
    map,
  ),
)
const selector = v.nullish(labelSelector)
const plainTemplate = v.optional(templateOf(plainContainer))
const ownTemplate = v.optional(templateOf(container))

/** Of a Deployment. */
const ofDeployment = {
  selector,
  replicas,
  strategy,
  paused: v.nullish(flag),
  revisionHistoryLimit: v.nullish(v.number('a number of ReplicaSets')),
}

/** A StatefulSet or a ReplicaSet. */
export const podSet: Shape = v.object({
  spec: v.object(
    {
      selector,
      template: plainTemplate,
      replicas,
      podManagementPolicy: v.nullish(text),
      updateStrategy: strategy,
      revisionHistoryLimit: v.nullish(v.number('a number of ControllerRevisions')),
      ordinals: v.nullish(v.object({ start: v.nullish(v.number('a number')) }, map)),
    },
    'a spec',
  ),
})

/** A ControllerRevision. */
export const controllerRevision: Shape = v.object({
  data: v.optional(v.object({ spec: v.optional(v.object({ template: ownTemplate }, map)) }, map)),
  revision: v.number('a number'),
})

/** A Deployment; of the environment of its containers only that of kube-controllers is kept. */
export const deployment: Shape = v.object({ spec: v.object({ ...ofDeployment, template: ownTemplate }, 'a spec') })

/** A DaemonSet; of the environment of its containers only that of calico-node is kept. */
export const daemonSet: Shape = v.object({
  spec: v.object(
    {
      selector,
      template: ownTemplate,
      updateStrategy: strategy,
      revisionHistoryLimit: v.nullish(v.number('a number of ControllerRevisions')),
    },
    'a spec',
  ),
})

/** A Deployment or a DaemonSet that is not Calico's: nothing is said of its environment. */
export const foreignWorkload: Shape = v.object({
  spec: v.object({ ...ofDeployment, template: plainTemplate, updateStrategy: strategy }, 'a spec'),
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
      loadBalancerClass: v.nullish(text),
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
        syncPeriod: v.nullish(duration),
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
