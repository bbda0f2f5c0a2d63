import * as v from 'valibot'
import { inPlaces, joinedPorts, type PortText, parsePort, portText } from '../../control/index.ts'
import { type RequestBase, type Verb, verb } from '../verb.ts'

/** Which ports are these, and how does Felix hand them to iptables? */
export interface PortsRequest extends RequestBase<'ports'> {
  /** Numbers, ranges (`"80:90"`) and names. */
  readonly ports: readonly PortText[]
}

/** A list of ports as Calico keeps it, and as Felix cuts it. */
export interface PortsResult {
  /** As the conversion of policies joins them: names first, then numbers and ranges in order. */
  readonly merged: readonly PortText[]
  /** The list as given, cut into what one `-m multiport` takes. */
  readonly groups: readonly (readonly PortText[])[]
}

const port = v.pipe(
  v.union([v.number(), v.string()], 'a port: a number, a range such as "80:90", or a name'),
  v.check(
    (text) => typeof parsePort(text) === 'object',
    ({ input }) => String(parsePort(input)),
  ),
)

/** The verb `ports`. */
export const ports: Verb = verb<PortsRequest, PortsResult>(
  v.strictObject({ ports: v.array(port, 'a list') }),
  ({ ports: list }) => ({ result: { merged: joinedPorts(list.map(asCalicoWrites)), groups: inPlaces(list, isRange) } }),
)

function asCalicoWrites(text: PortText): PortText {
  const parsed = parsePort(text)
  return typeof parsed === 'object' ? portText(parsed) : text
}

function isRange(text: PortText): boolean {
  const parsed = parsePort(text)
  return typeof parsed === 'object' && 'range' in parsed && parsed.range.low !== parsed.range.high
}
