/** Name and version of the form a session has as JSON. */
export const SESSION_SCHEMA = 'packetwalk.session/1'

/** A text of objects. */
export interface SessionFile {
  /** Its name, as faults name it. */
  readonly name: string
  /** YAML or JSON. */
  readonly text: string
}

/** A file of a dump, or an archive of such. */
export interface SessionDump {
  /** Its path: a folder a machine, or the name of an archive. */
  readonly name: string
  /** Its bytes, as base64. */
  readonly base64: string
}

/** What is asked of a lab. */
export interface Question {
  /** Who sends: a pod, a node, or what else `Lab.endpoint` takes. */
  readonly from: string
  /** Whom it is sent to: the same, a Service or an address. */
  readonly to: string
  /** What is sent. */
  readonly protocol: 'ping' | 'tcp' | 'udp'
  /** Port of TCP and UDP, by number or by the name a Service or a container gives it; a ping has none. */
  readonly port?: number | string
  /** Bytes of data, of TCP those of the request; absent = what the program sends by itself. */
  readonly size?: number
  /** Time to live, or hop limit; absent = what the sender's kernel says. */
  readonly ttl?: number
  /** Never cut into fragments. */
  readonly dontFragment?: boolean
}

/** Everything a lab and what was done in it follow from: the same value gives the same bytes. */
export interface Session {
  /** Form and version. */
  readonly schema: typeof SESSION_SCHEMA
  /** What it is about, for people; '' when nobody said. */
  readonly title: string
  /** Decides every choice. */
  readonly seed: number
  /** Objects of Kubernetes and Calico. */
  readonly files: readonly SessionFile[]
  /** Dumps of real machines. */
  readonly dumps: readonly SessionDump[]
  /** Lines typed at the prompt of a shell that begins on the first node, in order; `node01$ LINE` is typed on that host. */
  readonly commands: readonly string[]
  /** What is asked once they have run; null when nothing is. */
  readonly question: Question | null
  /** A Timeline, as YAML, that is looked at beside it (`Lab.timeline`); playing the session does not run it. Absent = none. */
  readonly timeline?: string
}

/** A session in which nothing was loaded yet. */
export const NO_SESSION: Session = Object.freeze<Session>({
  schema: SESSION_SCHEMA,
  title: '',
  seed: 1,
  files: [],
  dumps: [],
  commands: [],
  question: null,
})
