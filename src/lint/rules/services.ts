import type { ServiceName } from '../names.ts'
import type { LintRule } from '../rule.ts'

/** Services and kube-proxy, and what the control plane says of objects. */
export const OF_SERVICES: Readonly<Record<ServiceName, LintRule>> = {
  'service-without-endpoints': {
    severity: 'warning',
    what: 'a Service has no endpoint',
    why: 'connections to it are refused at once',
    fix: 'compare its selector with the labels of pods, and look whether they are ready',
    failures: ['F76'],
  },
  'service-port-missing': {
    severity: 'warning',
    what: 'a Service names a port that none of its pods has',
    why: 'that port has no endpoint: connections are refused',
    fix: 'write targetPort as the container calls it, or its number',
    failures: ['F76'],
  },
  'services-share-address': {
    severity: 'error',
    what: 'two Services have one address',
    why: 'whichever rule comes first gets the packets of both',
    fix: 'let Kubernetes choose the address',
  },
  'node-ports-collide': {
    severity: 'error',
    what: 'two Services have one node port',
    why: 'whichever rule comes first gets the packets of both',
    fix: 'let Kubernetes choose the port',
  },
  'host-ports-collide': {
    severity: 'error',
    what: 'two pods of a node have one host port',
    why: 'the later one gets no packet, or does not start',
    fix: 'another port, or another node',
  },
  'local-traffic-on-few-nodes': {
    severity: 'info',
    what: 'externalTrafficPolicy Local, and nodes without an endpoint',
    why: 'node ports of these nodes drop: only a load balancer that asks for health avoids them',
    fix: 'reach it by the load balancer, or externalTrafficPolicy: Cluster',
    failures: ['F81'],
  },
  'clustercidr-mismatch': {
    severity: 'warning',
    what: 'kube-proxy takes pods of a pool for clients from outside',
    why: 'it masquerades what they send to Services: policies see a node instead of the pod',
    fix: 'one range for clusterCIDR and the pools',
    alias: 'CLUSTERCIDR_MISMATCH',
    failures: ['F27'],
  },
  'dataplane-mode-conflict': {
    severity: 'warning',
    what: 'kube-proxy writes nftables and Felix iptables',
    why: 'rules of both are in force in different engines, and marks of one are unknown to the other',
    fix: 'nftablesMode: Enabled (v3.29 on), or kube-proxy in mode iptables',
    alias: 'DATAPLANE_MODE_CONFLICT',
    failures: ['F53'],
  },
  'kube-proxy-beside-bpf': {
    severity: 'info',
    what: 'Felix in eBPF mode beside kube-proxy',
    why: 'both handle Services; rules of kube-proxy are left over, or written anew all the time',
    fix: 'stop kube-proxy, and tell Felix the address of the API server',
    failures: ['F77', 'F84'],
  },
  'object-refused': {
    severity: 'error',
    what: 'an object that Calico refuses, or that cannot be',
    why: 'the cluster does not get it',
    fix: 'as the message says',
  },
  'object-doubtful': {
    severity: 'warning',
    what: 'a field that is accepted and hardly meant',
    why: 'it does nothing, or something else than its author believes',
    fix: 'as the message says',
  },
  'field-unknown': {
    severity: 'info',
    what: 'a field that is not read',
    why: 'nobody knows whether it is misspelled or new: the answer does not depend on it',
    fix: 'look whether it is spelled right',
  },
  'not-modelled': {
    severity: 'info',
    what: 'the objects ask for something that packetwalk does not do',
    why: 'answers that it could turn are undecided',
    fix: 'see docs/limits.md',
  },
  'assumed-by-default': {
    severity: 'info',
    what: 'no object says it, and it was assumed',
    why: 'answers that depend on it rest on an assumption',
    fix: 'give the object that says it',
  },
  'suppression-unknown': {
    severity: 'error',
    what: 'an annotation names a finding that there is not',
    why: 'it suppresses nothing, and its author believes it does',
    fix: 'write the name as packetwalk lint prints it',
  },
  'suppression-unused': {
    severity: 'info',
    what: 'an annotation suppresses nothing',
    why: 'what it was for is gone: the next finding of that name would be hidden',
    fix: 'remove it',
  },
}
