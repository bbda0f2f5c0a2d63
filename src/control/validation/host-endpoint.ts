import { listAt, refuseIf, textAt } from './members.ts'
import { metadata } from './metadata.ts'
import {
  type Agreement,
  list,
  type MapShape,
  map,
  needed,
  PORT_PROTOCOL,
  set,
  shortText,
  text,
  whole,
} from './shape.ts'
import { ADDRESS, INTERFACE, NAME, PORT_NAME } from './text-checks.ts'

/** An interface is found by its name or by its addresses. */
const isFound: Agreement = (spec) =>
  refuseIf(
    textAt(spec, 'interfaceName') === '' && listAt(spec, 'expectedIPs').length === 0,
    ['interfaceName'],
    'expected interfaceName or expectedIPs, or both',
  )

/** HostEndpoint. @calico api/pkg/apis/projectcalico/v3/hostendpoint.go */
export const HOST_ENDPOINT: MapShape = map({
  metadata: metadata(),
  spec: needed(
    map(
      {
        node: needed(shortText(253, NAME)),
        interfaceName: shortText(15, INTERFACE),
        expectedIPs: set(text(ADDRESS)),
        profiles: set(text(NAME)),
        ports: list(
          map({ name: needed(text(PORT_NAME)), protocol: needed(PORT_PROTOCOL), port: needed(whole(1, 65535)) }),
        ),
      },
      isFound,
    ),
  ),
})
