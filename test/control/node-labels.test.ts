// Labels of a node that Calico itself keeps, in an annotation, beside those of Kubernetes.
import { describe, expect, it } from 'vitest'
import { ownNodeLabels } from '../../src/control/index.ts'
import { Lab } from '../../src/lab/index.ts'

const OWN = 'projectcalico.org/labels'
const node = (annotation: string) => ({ metadata: { name: 'n1', annotations: { [OWN]: annotation } } })

describe('labels that Calico keeps of a node', () => {
  it.each([
    ['{"rack":"a"}', { rack: 'a' }],
    ['{}', {}],
    ['{"rack":1}', {}],
    ['["rack"]', {}],
    ['null', {}],
    ['rack=a', {}],
  ])('%s', (annotation, labels) => {
    expect(ownNodeLabels(node(annotation))).toEqual(labels)
  })

  it('choose pools, and give way to a label of Kubernetes', () => {
    const objects = (labels: string): string =>
      [
        `{apiVersion: v1, kind: Node, metadata: {name: n1, labels: ${labels}, annotations: {projectcalico.org/IPv4Address: 192.0.2.1/24, ${OWN}: '{"rack":"a"}'}}}`,
        '{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: a}, spec: {cidr: 10.1.0.0/24, nodeSelector: rack == "a"}}',
        '{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: b}, spec: {cidr: 10.2.0.0/24, nodeSelector: rack == "b"}}',
        '{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {nodeName: n1, containers: [{name: c}]}}',
      ].join('\n---\n')
    const addressIn = (labels: string): string | undefined =>
      Lab.load(objects(labels)).cluster?.workloadEndpoints[0]?.addresses[0]
    expect(addressIn('{}')).toMatch(/^10\.1\.0\./)
    expect(addressIn('{rack: b}')).toMatch(/^10\.2\.0\./)
  })
})
