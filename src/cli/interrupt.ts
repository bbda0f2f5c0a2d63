/** Ctrl-C, while something is done that can be stopped in between. Pressed a second time, it ends the process as usual. */
export class Interrupt {
  /** Not 0: it was pressed. Threads share it. */
  readonly flag: Int32Array = new Int32Array(new SharedArrayBuffer(4))
  private readonly listener = (): void => {
    Atomics.store(this.flag, 0, 1)
  }

  constructor() {
    process.once('SIGINT', this.listener)
  }

  /** Whether it was pressed. */
  get happened(): boolean {
    return Atomics.load(this.flag, 0) !== 0
  }

  /** From now on it ends the process. */
  end(): void {
    process.removeListener('SIGINT', this.listener)
  }
}
