/** A bug of packetwalk itself: a state our own code promised could not be. Never caused by what a user gives. */
export class InvariantError extends Error {
  /** The name of the class. */
  override readonly name: string = 'InvariantError'
}

/**
 * The last branch of a `switch` over a closed union: the compiler refuses it while a member is not handled.
 * @param x - what no branch took
 * @throws InvariantError when it is reached at run time after all
 */
export function assertNever(x: never): never {
  throw new InvariantError(`unhandled member of a closed union: ${JSON.stringify(x)}`)
}
