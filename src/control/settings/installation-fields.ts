import { type FieldTable, fieldTable } from './field-use.ts'

/** Fields of `calicoNetwork` of an Installation. @calico manifests/operator-crds.yaml */
export const CALICO_NETWORK_TABLE: FieldTable = fieldTable('dataplane', {
  read: [
    'ipPools',
    'bgp',
    'mtu',
    'nodeAddressAutodetectionV4',
    'nodeAddressAutodetectionV6',
    'hostPorts',
    'clusterRoutingMode',
  ],
  harmless: {
    'how the node is set up, not what it does': [
      'linuxPolicySetupTimeoutSeconds',
      'multiInterfaceMode',
      'bpfNetworkBootstrap',
    ],
    'of Windows': ['windowsDataplane'],
  },
  notModelled: {
    linuxDataplane: { usual: ['Iptables'] },
    kubeProxyManagement: { usual: ['Disabled'] },
    linuxPodInterfaceType: { usual: ['Veth'], code: 'felix_field' },
    containerIPForwarding: { usual: ['Disabled'], code: 'felix_field', parts: { effect: 'assumed' } },
    sysctl: { code: 'felix_field', parts: { effect: 'assumed' } },
  },
})
