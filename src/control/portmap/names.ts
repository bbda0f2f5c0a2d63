import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { encodeUtf8, toHex } from '../../wire/index.ts'

/** Chains have at most so many characters. */
const LONGEST = 28

/** The chain of a container. @cni plugins/pkg/utils/utils.go */
export function containerChain(network: string, container: string): string {
  return `CNI-DN-${toHex(sha512(encodeUtf8(network + container)))}`.slice(0, LONGEST)
}

/** The id of a pod's sandbox: the container runtime draws it by lot, here it follows from the pod's name. */
export function sandboxId(namespace: string, pod: string): string {
  return toHex(sha256(encodeUtf8(`${namespace}/${pod}`)))
}
