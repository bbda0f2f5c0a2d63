import { fieldOfVariable } from './felix-fields.ts'
import { type FieldTable, fieldTable } from './field-use.ts'

/** Variables of the calico-node container besides those of Felix. @calico node/pkg/lifecycle/startup/startup.go */
export const VARIABLES: FieldTable = fieldTable('variable', {
  read: [
    ...['AS', 'IP', 'IP6', 'IP_AUTODETECTION_METHOD', 'IP6_AUTODETECTION_METHOD', 'CALICO_NETWORKING_BACKEND'],
    ...['CALICO_IPV4POOL_CIDR', 'CALICO_IPV4POOL_IPIP', 'CALICO_IPV4POOL_VXLAN', 'CALICO_IPV4POOL_BLOCK_SIZE'],
    ...['CALICO_IPV4POOL_NAT_OUTGOING', 'CALICO_IPV4POOL_NODE_SELECTOR', 'CALICO_IPV4POOL_DISABLE_BGP_EXPORT'],
    ...['CALICO_IPV6POOL_CIDR', 'CALICO_IPV6POOL_VXLAN', 'CALICO_IPV6POOL_BLOCK_SIZE', 'CALICO_IPV6POOL_NAT_OUTGOING'],
    ...[
      'CALICO_IPV6POOL_NODE_SELECTOR',
      'CALICO_IPV6POOL_DISABLE_BGP_EXPORT',
      'NO_DEFAULT_POOLS',
      'CALICO_ADVERTISE_CLUSTER_IPS',
    ],
    'FELIX_INTERFACEPREFIX',
  ],
  harmless: {
    'logs and health': [
      ...[
        'CALICO_DISABLE_FILE_LOGGING',
        'CALICO_STARTUP_LOGLEVEL',
        'BGP_LOGSEVERITYSCREEN',
        'CALICO_SHUTDOWN_TIMESTAMP_FILE',
      ],
    ],
    'where the datastore and the API server are': [
      ...['DATASTORE_TYPE', 'WAIT_FOR_DATASTORE', 'KUBECONFIG', 'KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT'],
      ...[
        'KUBERNETES_SERVICE_IPS_PORTS',
        'KUBERNETES_APISERVER_ENDPOINTS',
        'ETCD_ENDPOINTS',
        'ETCD_CA_CERT_FILE',
        'ETCD_CERT_FILE',
      ],
      ...[
        'ETCD_KEY_FILE',
        'ETCD_SCHEME',
        'ETCD_AUTHORITY',
        'ETCD_DISCOVERY_SRV',
        'CALICO_API_GROUP',
        'CERTS_PATH',
        'SKIP_TLS_VERIFY',
      ],
      ...['CALICO_CNI_SERVICE_ACCOUNT', 'K8S_API_ENDPOINT', 'K8S_INSECURE_SKIP_TLS_VERIFY', 'NAMESPACE'],
    ],
    'names of the node and the cluster': [
      ...[
        'NODENAME',
        'HOSTNAME',
        'KUBERNETES_NODE_NAME',
        'CALICO_NODENAME_FILE',
        'CALICO_K8S_NODE_REF',
        'CLUSTER_TYPE',
        'CALICO_ROUTER_ID',
      ],
    ],
    'when something is looked at again': ['AUTODETECT_POLL_INTERVAL', 'DISABLE_NODE_IP_CHECK', 'MULTI_INTERFACE_MODE'],
    'IPIP does not carry IPv6': ['CALICO_IPV6POOL_IPIP'],
    'another CNI plugin is named by itself': ['CALICO_MANAGE_CNI', 'USE_POD_CIDR'],
  },
  notModelled: {
    CALICO_DISABLE_FELIX: { usual: [false], code: 'dataplane' },
    // Of Windows nodes.
    VXLAN_VNI: { usual: [4096], parts: { effect: 'assumed' } },
  },
})

/** Whether the value of a variable of calico-node is looked at; that of any other is not kept. */
export function isReadVariable(name: string): boolean {
  return VARIABLES.has(name) || (name.toUpperCase().startsWith('FELIX_') && fieldOfVariable(name) !== undefined)
}

/** Variables of kube-controllers that are looked at: which controllers run, and whether they make host endpoints. */
export const OF_KUBE_CONTROLLERS: ReadonlySet<string> = new Set(['AUTO_HOST_ENDPOINTS', 'ENABLED_CONTROLLERS'])

/** Beginnings of names that are Calico's own. */
const OURS = /^(FELIX_|CALICO_|IP_|IP6_|BGP_|NO_DEFAULT)/

/** Variables of Felix that are about its datastore and Typha, not about packets. */
const FELIX_ELSEWHERE =
  /^FELIX_(TYPHA|ETCD|DATASTORETYPE$|FELIXHOSTNAME$|CLUSTERGUID$|CLUSTERTYPE$|CALICOVERSION$|VARIANT$)/i

/** Whether a variable that no table has is none of our business: somebody else's, or Felix's way to its datastore. */
export function isForeignVariable(name: string): boolean {
  return FELIX_ELSEWHERE.test(name) || !OURS.test(name)
}
