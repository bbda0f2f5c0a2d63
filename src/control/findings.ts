import { InputError, type Issue, type IssueKind } from '../model/index.ts'
import { objectName } from './objects-by-kind.ts'
import type { FieldPath } from './origin.ts'
import type { OtherResource } from './resource.ts'

/** What sort of thing the control plane does not do: a whole kind, a field's value, an annotation, a BGP speaker. */
export type UnmodelledSort = 'kind' | 'field' | 'annotation' | 'bgp_speaker'

/** One thing the input asks for and the control plane does not build. */
export interface Unmodelled {
  /** Sort of thing. */
  readonly sort: UnmodelledSort
  /** Kind of the object that asks for it. */
  readonly kind: string
  /** The object, as `Kind/name` or `Kind/namespace/name`. */
  readonly object: string
  /** Path of the field that asks for it; empty when the whole object does. */
  readonly path: FieldPath
  /** Input file; absent for objects made in memory. */
  readonly file?: string
  /** Line in that file, from 1. */
  readonly line?: number
  /** What is not done, as the end of a sentence that begins with the object. */
  readonly what: string
}

/** Something unmodelled in one line: `Pod/default/x: cni.projectcalico.org/floatingIPs is not modelled`. */
export function describeUnmodelled({ object, what }: Unmodelled): string {
  return `${object}: ${what}`
}

function issueAt(
  kind: IssueKind,
  resource: OtherResource | undefined,
  path: FieldPath,
  expected: string,
  received: string,
): Issue {
  const place = resource?.placeOf?.(path) ?? resource?.placeOf?.(path.slice(0, -1)) ?? resource?.placeOf?.([])
  return {
    kind,
    file: place?.file ?? '',
    ...(place ? { line: place.line, column: place.column } : {}),
    ...(resource ? { object: objectName(resource) } : {}),
    path,
    expected,
    received,
  }
}

/** What reading the objects of a cluster brings to light beside the network; one collector goes through a whole build. */
export class Findings {
  private readonly found = { faults: [] as Issue[], warnings: [] as Issue[], notModelled: [] as Unmodelled[] }

  /** Faults in the input. A network is built all the same, without what they are about. */
  get faults(): readonly Issue[] {
    return this.found.faults
  }

  /** What Calico accepts and is hardly meant, such as an object for a node that is not there. */
  get warnings(): readonly Issue[] {
    return this.found.warnings
  }

  /** What the input asks for and packetwalk does not do. */
  get notModelled(): readonly Unmodelled[] {
    return this.found.notModelled
  }

  /** Notes a fault of one field of one object; no object: the environment of calico-node given without one. */
  fault(
    kind: IssueKind,
    resource: OtherResource | undefined,
    path: FieldPath,
    expected: string,
    received: string,
  ): void {
    this.found.faults.push(issueAt(kind, resource, path, expected, received))
  }

  /** Notes something that Calico accepts and is hardly meant. */
  warn(kind: IssueKind, resource: OtherResource, path: FieldPath, expected: string, received: string): void {
    this.found.warnings.push(issueAt(kind, resource, path, expected, received))
  }

  /** Notes something that is asked for and not built. */
  unmodelled(sort: UnmodelledSort, resource: OtherResource, path: FieldPath, what: string): void {
    const place = resource.placeOf?.(path) ?? resource.placeOf?.([])
    this.found.notModelled.push({
      sort,
      kind: resource.kind,
      object: objectName(resource),
      path,
      ...(place ? { file: place.file, line: place.line } : {}),
      what,
    })
  }

  /**
   * Throws when there are faults: all of them at once.
   *
   * @throws InputError with every fault
   */
  assertNoFaults(): void {
    if (this.faults.length > 0) throw new InputError(this.faults)
  }
}
