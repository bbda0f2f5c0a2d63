import * as v from 'valibot'
import { flag, type Shape, text } from './fields.ts'
import { namespaceName, objectName } from './names.ts'

const map = 'a map'
const list = 'a list'
const number = v.number('a number')
const asNumbers = v.array(v.union([number, v.string()], 'an AS number, e.g. 64512 or "1.10"'), list)

/** A map with some fields, each of which may be left out. */
function some(entries: Readonly<Record<string, Shape>>): Shape {
  return v.nullish(v.object(Object.fromEntries(Object.entries(entries).map(([k, one]) => [k, v.nullish(one)])), map))
}

function listOf(shape: Shape): Shape {
  return v.nullish(v.array(shape, list))
}

/** IPAMHandle. */
export const ipamHandle: Shape = v.object({
  spec: some({ handleID: text, block: v.record(v.string(), number, 'a map of blocks to numbers'), deleted: flag }),
})

const operation = v.object(
  {
    addCommunity: v.nullish(v.object({ value: text }, map)),
    prependASPath: v.nullish(v.object({ prefix: asNumbers }, map)),
    setPriority: v.nullish(v.object({ value: number }, map)),
  },
  map,
)

const filterRules = listOf(
  v.object(
    {
      action: text,
      cidr: v.nullish(text),
      matchOperator: v.nullish(text),
      prefixLength: some({ min: number, max: number }),
      source: v.nullish(text),
      interface: v.nullish(text),
      peerType: v.nullish(text),
      communities: v.nullish(v.object({ values: v.array(text, list) }, map)),
      asPathPrefix: v.nullish(asNumbers),
      priority: v.nullish(number),
      operations: listOf(operation),
    },
    map,
  ),
)

/** BGPFilter. */
export const bgpFilter: Shape = v.object({
  spec: some({ exportV4: filterRules, importV4: filterRules, exportV6: filterRules, importV6: filterRules }),
})

/** CalicoNodeStatus: the question, not the answer. */
export const calicoNodeStatus: Shape = v.object({
  spec: some({ node: text, classes: v.array(text, list), updatePeriodSeconds: number }),
})

/** WorkloadEndpoint. */
export const workloadEndpoint: Shape = v.object({
  spec: some({
    orchestrator: text,
    workload: text,
    node: text,
    containerID: text,
    pod: text,
    endpoint: text,
    serviceAccountName: text,
    ipNetworks: v.array(text, list),
    ipNATs: v.array(v.object({ internalIP: text, externalIP: text }, map), list),
    profiles: v.array(text, list),
    interfaceName: text,
    mac: text,
    ports: v.array(
      v.object(
        {
          name: v.nullish(text),
          protocol: v.union([number, v.string()], 'a protocol'),
          port: number,
          hostPort: v.nullish(number),
          hostIP: v.nullish(text),
        },
        map,
      ),
      list,
    ),
    allowSpoofedSourcePrefixes: v.array(text, list),
    qosControls: v.record(v.string(), v.union([number, v.string()]), map),
  }),
})

/** Secret: nothing of its content. */
export const secret: Shape = v.object({})

/** `metadata` of a Secret: how it is called, and nothing else. */
export const secretMetadata: Shape = v.object(
  { name: objectName, namespace: v.optional(namespaceName) },
  'metadata with a name',
)
