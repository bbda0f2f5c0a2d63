import type { NetNs } from '../dataplane/index.ts'
import type { CountersOf, View } from '../linux/index.ts'
import { type FdbEntry, fdbOf, type Namespace, type Neighbour } from '../model/index.ts'
import type { Process } from '../programs/index.ts'
import { keyToMac } from '../wire/index.ts'
import type { Desk } from './desk.ts'
import { Files, type FilesOfHost } from './files/files.ts'
import type { Run } from './run.ts'

/** Starts a program that is not waited for. @param endless - it goes on until somebody ends it */
export type ProgramStarter = (program: Process, endless: boolean) => Run

/** A namespace commands run in, as it is now. */
export class Host {
  /** The lab. */
  readonly lab: Desk
  /** Name of the network namespace. */
  readonly netns: string
  /** What a program that sends packets did here; null before one ran. */
  ran: Run | null = null
  /** Files of this host. */
  readonly files: FilesOfHost
  /** What comes through a pipe, from a file or a here-document; undefined at the terminal. */
  readonly stdin: string | undefined
  /** Starts a program beside other commands; undefined where one is waited for. */
  readonly starts: ProgramStarter | undefined

  constructor(lab: Desk, netns: string, files: Files = new Files(lab), stdin?: string, starts?: ProgramStarter) {
    this.lab = lab
    this.netns = netns
    this.files = files.on(netns)
    this.stdin = stdin
    this.starts = starts
  }

  /** The running namespace. */
  get ns(): NetNs {
    return this.lab.simulation.netns(this.netns)
  }

  /** The model of it. */
  get model(): Namespace {
    return this.ns.model
  }

  /** Pods have busybox's tools, machines those of a distribution. */
  get isBusybox(): boolean {
    return this.model.role === 'pod' || this.model.role === 'container'
  }

  /** What printers look at. */
  get view(): View {
    return { network: this.lab.network, ns: this.model }
  }

  /** The neighbour table as it is now: what was written and what was learned. */
  get neighbours(): readonly Neighbour[] {
    return this.ns.neigh.dump()
  }

  /** Forwarding entries: what was written and what bridges learned. */
  get fdb(): readonly FdbEntry[] {
    const learned = this.ns.devices.flatMap((bridge) =>
      (bridge.bridge?.fdb.learned() ?? []).map(
        ({ mac, port }): FdbEntry => ({ mac: keyToMac(mac), dev: port.name, master: bridge.name, state: '' }),
      ),
    )
    return [...fdbOf(this.lab.network, this.model), ...learned]
  }

  /** Counters of its devices. */
  get counters(): CountersOf {
    return Object.fromEntries(this.ns.devices.map((dev) => [dev.name, dev]))
  }
}
