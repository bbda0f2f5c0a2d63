import type { NatEnd } from '../model/index.ts'
import { withPort } from '../wire/index.ts'

/** `10.0.0.1:80`, `[fd00::1]:80`; without a port the address alone. */
export function endText({ address, port }: NatEnd): string {
  return port === 0 ? address : withPort(address, port)
}
