// The few lines of POSIX ustar that the fixtures need: regular files, short names, no times, no owners, so that
// the same files always give the same bytes.

const BLOCK = 512
const octal = (value, width) => `${value.toString(8).padStart(width - 1, '0')}\0`

function header(name, size) {
  if (Buffer.byteLength(name) > 100) throw new RangeError(`name too long for ustar: ${name}`)
  const block = Buffer.alloc(BLOCK)
  block.write(name, 0)
  block.write(octal(0o644, 8), 100)
  block.write(octal(0, 8), 108)
  block.write(octal(0, 8), 116)
  block.write(octal(size, 12), 124)
  block.write(octal(0, 12), 136)
  block.write('        ', 148) // the checksum counts as spaces while it is computed
  block.write('0', 156)
  block.write('ustar\0' + '00', 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

/**
 * A tar archive of these files, in the order given.
 * @param {Iterable<readonly [string, Uint8Array]>} files
 * @returns {Buffer}
 */
export function packTar(files) {
  const parts = []
  for (const [name, bytes] of files) {
    parts.push(header(name, bytes.length), bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK))
  }
  parts.push(Buffer.alloc(2 * BLOCK))
  return Buffer.concat(parts)
}

const text = (bytes) => Buffer.from(bytes).toString('latin1').replace(/\0.*$/s, '')

/**
 * The files of an archive made by packTar, by name; the bytes are views into the archive.
 * @param {Uint8Array} archive
 * @returns {Map<string, Uint8Array>}
 */
export function unpackTar(archive) {
  const files = new Map()
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const name = text(archive.subarray(at, at + 100))
    if (name === '') break
    const size = Number.parseInt(text(archive.subarray(at + 124, at + 136)), 8)
    files.set(name, archive.subarray(at + BLOCK, at + BLOCK + size))
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
  return files
}
