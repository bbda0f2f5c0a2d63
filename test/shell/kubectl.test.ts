// kubectl and calicoctl in the shell: every flag is honoured or refused by name; none is passed over.
import { beforeAll, describe, expect, it } from 'vitest'
import { Lab } from '../../src/lab/index.ts'
import { Shell } from '../../src/shell/index.ts'
import { labelTest } from '../../src/shell/label-selector.ts'

const OBJECTS = `
apiVersion: crd.projectcalico.org/v1
kind: IPPool
metadata: {name: pool}
spec: {cidr: 10.8.0.0/16, ipipMode: Always}
---
apiVersion: crd.projectcalico.org/v1
kind: IPPool
metadata: {name: other}
spec: {cidr: 10.9.0.0/16}
---
apiVersion: v1
kind: Node
metadata: {name: w1, labels: {zone: a}, annotations: {projectcalico.org/IPv4Address: 172.20.0.1/24}}
---
apiVersion: v1
kind: Node
metadata:
  name: w2
  annotations: {projectcalico.org/IPv4Address: 172.20.0.2/24}
  labels: {node-role.kubernetes.io/edge: "", node-role.kubernetes.io/worker: ""}
status:
  addresses: [{type: Hostname, address: w2}, {type: InternalIP, address: 10.0.0.2}]
  nodeInfo: {kubeletVersion: v1.31.0, osImage: Debian 12, kernelVersion: 6.1.0, containerRuntimeVersion: containerd://1.7}
---
apiVersion: v1
kind: Pod
metadata: {name: web-0, namespace: default, labels: {app: web, tier: front}}
spec: {nodeName: w1}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: default, labels: {app: web, tier: back}}
spec: {nodeName: w2}
status: {conditions: [{type: Ready, status: "False"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db-7c9d8f6b5c-abcde, namespace: data}
spec: {nodeName: w2}
---
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: data}
spec: {nodeName: w2, hostNetwork: true}
`

const SERVICES = `
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default, labels: {app: web}}
spec:
  clusterIP: 10.96.0.5
  selector: {tier: front, app: web}
  ports: [{port: 80}, {port: 53, protocol: UDP, name: dns}]
---
apiVersion: v1
kind: Service
metadata: {name: lb, namespace: default}
spec: {type: LoadBalancer, clusterIP: 10.96.0.6, externalIPs: [192.0.2.9], ports: [{port: 443, nodePort: 30443}]}
status: {loadBalancer: {ingress: [{ip: 203.0.113.7}]}}
---
apiVersion: v1
kind: Service
metadata: {name: waits, namespace: data}
spec: {type: LoadBalancer, clusterIP: 10.96.0.7, ports: [{port: 1}]}
---
apiVersion: v1
kind: Service
metadata: {name: none, namespace: data}
spec: {clusterIP: None}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-abcde, namespace: default, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{port: 8080, protocol: TCP}, {port: 5353, protocol: UDP}]
endpoints: [{addresses: [10.8.0.1]}, {addresses: [10.8.0.2]}, {addresses: [10.8.0.3]}, {addresses: [10.8.0.4]}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny-all, namespace: default}
spec: {podSelector: {}, policyTypes: [Ingress]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: of-web, namespace: default}
spec:
  podSelector:
    matchLabels: {app: web}
    matchExpressions: [{key: tier, operator: NotIn, values: [b, a]}, {key: x, operator: DoesNotExist}, {key: y, operator: Exists}]
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: of-calico, namespace: default}
spec: {selector: all()}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: second, namespace: data}
spec: {selector: app == 'web', tier: platform, order: 12.5}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: all-of-it}
spec: {order: 3, selector: all()}
---
apiVersion: projectcalico.org/v3
kind: StagedGlobalNetworkPolicy
metadata: {name: later}
spec: {}
---
apiVersion: projectcalico.org/v3
kind: Tier
metadata: {name: platform}
spec: {order: 100}
---
apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: w1-card}
spec: {node: w1, interfaceName: eth0, expectedIPs: [172.20.0.1, 10.0.0.1], profiles: [open]}
---
apiVersion: projectcalico.org/v3
kind: Profile
metadata: {name: open}
spec: {labelsToApply: {a: b}, ingress: [{action: Allow}], egress: [{action: Allow}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: data, labels: {x: y}}
---
apiVersion: projectcalico.org/v3
kind: NetworkSet
metadata: {name: partners, namespace: data}
spec: {nets: [192.0.2.0/24, 198.51.100.0/24]}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkSet
metadata: {name: many}
spec: {nets: [192.0.2.1/32, 192.0.2.2/32, 192.0.2.3/32, 192.0.2.4/32, 192.0.2.5/32, 192.0.2.6/32, 192.0.2.7/32]}
`

let shell: Shell
beforeAll(() => {
  shell = new Shell(Lab.load(OBJECTS + SERVICES))
})

describe('what is printed', () => {
  it.each([
    ['kubectl get pods', /^NAME {4}READY .*\nweb-0 {3}1\/1 .*\nweb-1 {3}0\/1 .*\n$/],
    ['kubectl get po web-1 --no-headers', /^web-1 .*\n$/],
    ['kubectl get pod/web-0 -o name', /^pod\/web-0\n$/],
    ['kubectl get pods -o=name', /^pod\/web-0\npod\/web-1\n$/],
    ['kubectl -n data get pods -oname', /^pod\/agent\npod\/db-7c9d8f6b5c-abcde\n$/],
    ['kubectl get pods -ndata -o wide', /^NAME .* IP +NODE .*\nagent .* 172\.20\.0\.2 +w2 /],
    ['kubectl get pods --namespace=data --output=name', /^pod\/agent\n/],
    ['kubectl get pods -A', /^NAMESPACE +NAME .*\ndata +agent .*\ndata +db.*\ndefault +web-0/],
    ['kubectl get pods -l tier=back -o name', /^pod\/web-1\n$/],
    ['kubectl get pods -l app,tier!=back -o name', /^pod\/web-0\n$/],
    [
      'kubectl get svc',
      /^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE\nlb +LoadBalancer +10\.96\.0\.6 +203\.0\.113\.7,192\.0\.2\.9 +443:30443\/TCP +0s\nweb +ClusterIP +10\.96\.0\.5 +<none> +80\/TCP,53\/UDP +0s\n$/,
    ],
    ['kubectl get services -n data', /\nnone +ClusterIP +None +<none> +<none> +0s\nwaits .* <pending> /],
    ['kubectl get svc web -o wide', / SELECTOR\nweb .* app=web,tier=front\n$/],
    ['kubectl get svc lb -o wide --no-headers', /^lb .* <none>\n$/],
    ['kubectl get service -l app=web -o name', /^service\/web\n$/],
    [
      'kubectl get endpointslices',
      /^NAME +ADDRESSTYPE +PORTS +ENDPOINTS +AGE\nweb-abcde +IPv4 +8080,5353 +10\.8\.0\.1,10\.8\.0\.2,10\.8\.0\.3 \+ 1 more\.\.\. +0s\n$/,
    ],
    [
      'kubectl get netpol',
      /^NAME +POD-SELECTOR +AGE\ndeny-all +<none> +0s\nof-web +!x,app=web,tier notin \(a,b\),y +0s\n$/,
    ],
    ['kubectl get networkpolicies -A -o name', /^networkpolicy\.networking\.k8s\.io\/deny-all\n.*of-web\n$/],
    [
      'kubectl get svc,netpol',
      /^NAME +TYPE .*\nservice\/lb .*\nservice\/web .*\n\nNAME +POD-SELECTOR +AGE\nnetworkpolicy\.networking\.k8s\.io\/deny-all /,
    ],
    ['calicoctl get networkpolicy', /^NAME +TIER\nof-calico +default\n$/],
    [
      'calicoctl get np -a -o wide',
      /^NAMESPACE +NAME +TIER +ORDER +SELECTOR\ndata +second +platform +12\.5 +app == 'web'\ndefault +of-calico +default +<nil> +all\(\)\n$/,
    ],
    ['calicoctl get gnp -o wide', /^NAME +TIER +ORDER +SELECTOR\nall-of-it +default +3 +all\(\)\n$/],
    ['calicoctl get stagedglobalnetworkpolicies', /^NAME +TIER\nlater +default\n$/],
    ['calicoctl get hostendpoint', /^NAME +NODE\nw1-card +w1\n$/],
    [
      'calicoctl get hep w1-card -owide',
      /^NAME +NODE +INTERFACE +IPS +PROFILES\nw1-card +w1 +eth0 +172\.20\.0\.1,10\.0\.0\.1 +open\n$/,
    ],
    [
      'calicoctl get profile',
      /^NAME\nkns\.data\nkns\.default\nkns\.kube-node-lease\nkns\.kube-public\nkns\.kube-system\nopen\nprojectcalico-default-allow\n$/,
    ],
    [
      'calicoctl get profiles open kns.data -o wide',
      /^NAME +LABELS\nkns\.data +pcns\.x=y,pcns\.projectcalico\.org\/name=data\nopen +a=b\n$/,
    ],
    ['calicoctl get networkset -n data -o wide', /^NAME +NETS\npartners +192\.0\.2\.0\/24,198\.51\.100\.0\/24\n$/],
    ['calicoctl get globalnetworkset -o wide', /^NAME +NETS\nmany +192\.0\.2\.1\/32,.*\.\.\.\n$/],
    ['calicoctl get tier', /^NAME +ORDER\ndefault +1000000\n(.*\n)*platform +100\n/],
    ['kubectl get nodes -o name', /^node\/w1\nnode\/w2\n$/],
    ['kubectl get nodes', /^NAME +STATUS +ROLES +AGE +VERSION *\n/],
    [
      'kubectl get nodes -o wide',
      /^NAME +STATUS +ROLES +AGE +VERSION +INTERNAL-IP +EXTERNAL-IP +OS-IMAGE +KERNEL-VERSION +CONTAINER-RUNTIME *\n/,
    ],
    ['kubectl exec --namespace data agent --container c -- hostname', /^w2\n$/],
    ['kubectl exec --stdin --tty --quiet web-0 -- hostname', /^web-0\n$/],
    ['kubectl exec -q web-0 -- hostname', /^web-0\n$/],
    ['kubectl get nodes --selector zone=a -oname', /^node\/w1\n$/],
    [
      'calicoctl get ippool -o wide',
      /^NAME +CIDR +NAT +IPIPMODE +VXLANMODE +DISABLED +DISABLEBGPEXPORT +SELECTOR *\npool +10\.8\.0\.0\/16 +false +Always +Never +false +false +all\(\) *\n/,
    ],
    ['calicoctl get ipp', /^NAME +CIDR +SELECTOR *\npool +10\.8\.0\.0\/16 +all\(\) *\n/],
    ['calicoctl get weps', /^WORKLOAD +NODE +NETWORKS +INTERFACE *\nweb-0 +w1 +10\.8\.\S+\/32 +cali\w+ *\nweb-1 +w2 /],
    ['calicoctl get wep -a', /^NAMESPACE +WORKLOAD +NODE +NETWORKS +INTERFACE *\ndata +db-7c9d8f6b5c-abcde +w2 /],
    ['calicoctl get wep -n data', /^WORKLOAD .*\ndb-7c9d8f6b5c-abcde +w2 .*\n$/],
    ['calicoctl get wep --namespace data --output ps db-7c9d8f6b5c-abcde', /^WORKLOAD .*\ndb-.*\n$/],
    ['kubectl get nodes w1 --no-headers', /^w1 +Ready +<none> +0s +<unknown> *\n$/],
    [
      'kubectl get nodes -o wide --no-headers',
      /^w1( +\S+){4} +<none> +<none>( +<unknown>){3} *\nw2( +\S+){4} +10\.0\.0\.2 +<none> +Debian 12 +6\.1\.0 +containerd:\/\/1\.7 *\n$/,
    ],
    ['kubectl get nodes w2 --no-headers', /^w2 +Ready +edge,worker +0s +v1\.31\.0 *\n$/],
    ['kubectl get node w2', /^NAME .*\nw2 .*\n$/],
    ['kubectl get no -l zone=a -o name', /^node\/w1\n$/],
    ['kubectl exec web-0 -- hostname', /^web-0\n$/],
    ['kubectl exec -it pod/web-0 -- hostname', /^web-0\n$/],
    ['kubectl exec web-0 hostname', /^web-0\n$/],
    ['kubectl -n data exec deploy/db -c main -- hostname', /^db-7c9d8f6b5c-abcde\n$/],
    ['kubectl exec -n data agent -- hostname', /^w2\n$/],
    ['kubectl exec web-0 -- ip -4 route', /^default via 169\.254\.1\.1 dev eth0/],
    ['calicoctl get ippool other', /^NAME {4}CIDR .*\nother {3}10\.9\.0\.0\/16 .*\n$/],
    ['calicoctl get ippool -owide', /^NAME +CIDR +NAT .*\npool/],
    ['calicoctl get wep -a -o ps', /^NAMESPACE +WORKLOAD/],
    ['calicoctl get ippool other -o yaml', /^apiVersion: projectcalico\.org\/v3\nkind: IPPool\nmetadata:\n/],
  ])('%s', (line, stdout) => {
    const run = shell.executeOn('w1', line)
    expect([run.stderr, run.exitCode]).toEqual(['', 0])
    expect(run.stdout).toMatch(stdout)
  })
})

describe('calicoctl node status', () => {
  it('draws the sessions in a box, its head centred', () => {
    const { stdout, stderr, exitCode } = shell.executeOn('w1', 'calicoctl node status')
    expect([stderr, exitCode]).toEqual(['', 0])
    expect(stdout.replace(/\d\d:\d\d:\d\d/g, 'HH:MM:SS')).toMatchInlineSnapshot(`
      "Calico process is running.

      IPv4 BGP status
      +--------------+-------------------+-------+----------+-------------+
      | PEER ADDRESS |     PEER TYPE     | STATE |  SINCE   |    INFO     |
      +--------------+-------------------+-------+----------+-------------+
      | 172.20.0.2   | node-to-node mesh | up    | HH:MM:SS | Established |
      +--------------+-------------------+-------+----------+-------------+

      "
    `)
  })

  it('is nothing where no calico-node runs', () => {
    expect(shell.executeOn('default/web-0', 'calicoctl node status')).toMatchObject({
      stderr: 'Calico process is not running.\n',
      exitCode: 1,
    })
  })
})

describe('what is refused', () => {
  it.each([
    ['kubectl get pods -o go-template={{.x}}', /-o go-template is not modelled here: .*jsonpath=…/],
    ['kubectl get pods -o yml', /unable to match a printer suitable for the output format "yml"/],
    ['kubectl get pods --chunk-size=5', /--chunk-size is not modelled here/],
    ['kubectl get pods --context=other', /--context is not modelled here: a lab is one cluster/],
    [
      'kubectl get pods --namespaces=data',
      /unknown flag: --namespaces=data \(packetwalk: did you mean "--namespace"\?\)/,
    ],
    ['kubectl get pods -n', /flag needs an argument: 'n' in -n/],
    ['kubectl get pods --namespace', /flag needs an argument: --namespace/],
    ['kubectl get pods wbe-0', /pods "wbe-0" not found \(packetwalk: did you mean "web-0"\?\)/],
    ['kubectl get pods web-0 -A', /cannot be retrieved by name across all namespaces/],
    ['kubectl get pods -l app=(', /unable to parse requirement: app=\(/],
    ['kubectl get svc,deplyoments', /doesn't have a resource type "deplyoments" .*did you mean "deployments"/],
    ['kubectl get svc wbe', /services "wbe" not found \(packetwalk: there are lb, web\)/],
    ['kubectl get jobs', /doesn't have a resource type "jobs" \(packetwalk: it is not modelled/],
    ['kubectl logs web-0', /kubectl logs is not modelled here: /],
    ['kubectl -n data gte pods', /unknown command "gte" for "kubectl" \(packetwalk: there are get, exec, /],
    ['kubectl', /needs a verb; there are get, exec, /],
    ['kubectl exec', /pod, type\/name or --filename must be specified/],
    ['kubectl exec web-0', /specify at least one command/],
    ['kubectl exec wbe-0 -- id', /pods "wbe-0" not found \(packetwalk: .* did you mean "web-0"\?\)/],
    ['kubectl exec node/w1 -- id', /pods "node\/w1" not found|cannot attach to node\/w1/],
    ['kubectl exec --previous web-0 -- id', /unknown flag: --previous/],
    [
      'calicoctl get gnp all-of-ti',
      /resource does not exist: GlobalNetworkPolicy\(all-of-ti\) .*did you mean "all-of-it"\?/,
    ],
    ['calicoctl get ippool -o go-template={{.}}', /-o go-template is not known here: /],
    ['calicoctl get ippool pol', /IPPool\(pol\) \(packetwalk: did you mean "pool"\?\)/],
    ['calicoctl get wep web-9', /WorkloadEndpoint\(web-9\)/],
    ['calicoctl get ippool --watch', /unknown flag: --watch/],
  ])('%s', (line, stderr) => {
    const run = shell.executeOn('w1', line)
    expect([run.stdout, run.ok]).toEqual(['', false])
    expect(run.stderr).toMatch(stderr)
  })
})

describe('label selectors', () => {
  const labels = { app: 'web', 'example.com/tier': 'front', empty: '' }
  it.each([
    ['', true],
    ['app', true],
    ['!app', false],
    ['none', false],
    ['!none', true],
    ['app=web', true],
    ['app == web', true],
    ['app=db', false],
    ['app!=db', true],
    ['none!=x', true],
    ['empty=', true],
    ['example.com/tier in (front, back),app', true],
    ['example.com/tier notin (front)', false],
    ['none notin (x)', true],
    ['app=web,example.com/tier=back', false],
    ['toString', false],
  ])('%s', (text, selected) => {
    const test = labelTest(text)
    expect(typeof test === 'string' ? test : test(labels)).toBe(selected)
  })

  it.each(['=web', 'app in web', 'app=(', '!app=web', 'app web', 'in (a)x'])('%s is none', (text) => {
    expect(labelTest(text)).toMatch(/unable to parse requirement/)
  })
})
