import { type NetNs, TcpListener, type TcpSock } from '../dataplane/index.ts'
import { endpointText } from './address.ts'
import { lettered, REPLY_LETTER } from './lettered.ts'
import { Process, WAKEUP } from './process.ts'

/** What a TCP server does. */
export interface TcpServerOptions {
  /** Family. */
  readonly family: 'inet' | 'inet6'
  /** Port. */
  readonly port: number
  /** Bytes of request it waits for. */
  readonly request: number
  /** Bytes it answers then. */
  readonly reply: number
}

/** Listens, answers every complete request, closes when the client has. */
export class TcpServer extends Process {
  private readonly options: TcpServerOptions
  private listener: TcpListener | null = null
  private readonly open = new Set<TcpSock>()

  constructor(ns: NetNs, options: TcpServerOptions) {
    super(ns)
    this.options = options
  }

  /** Listens until ended. */
  start(): void {
    const listener = new TcpListener(this.ns, this.options.family)
    this.listener = listener
    const failed = listener.listen(this.options.family === 'inet' ? 0 : '', this.options.port)
    if (failed !== null) {
      this.fail(`bind: ${failed}\n`)
      this.exit(1)
      return
    }
    listener.onAccept = (connection) => this.serve(connection)
  }

  protected cleanup(): void {
    this.listener?.close()
    for (const connection of this.open) connection.close()
  }

  private serve(connection: TcpSock): void {
    this.open.add(connection)
    const { request, reply } = this.options
    let got = 0
    let answered = false
    this.out(`server ${this.ns.name} accepted from ${endpointText(connection.daddr, connection.dport)}\n`)
    const look = (): void => {
      got += connection.read().length
      if (!answered && got >= request) {
        answered = true
        this.out(`server got ${got} bytes\n`)
        this.after(WAKEUP, () => connection.send(lettered(reply, REPLY_LETTER)))
      }
      if (connection.finReceived && this.open.delete(connection)) {
        connection.close()
        this.out('server closed\n')
      }
    }
    let woken = false
    connection.onReadable = () => {
      if (woken) return
      woken = true
      this.after(WAKEUP, () => {
        woken = false
        look()
      })
    }
    connection.onFail = () => this.open.delete(connection)
    connection.onReadable()
  }
}
