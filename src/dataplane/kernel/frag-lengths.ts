/**
 * Payload lengths of the pieces that `left` bytes are cut into. A packet that was reassembled on its way is cut where it was cut
 * before, as long as those pieces fit; each piece but the last ends on 8 bytes.
 *
 * @param room - the longest payload of a piece
 * @param before - payload lengths of the fragments it was made of; null = it was whole
 * @linux net/ipv4/ip_output.c ip_do_fragment, net/ipv6/ip6_output.c ip6_fragment
 */
export function pieceLengths(left: number, room: number, before: readonly number[] | null): readonly number[] {
  if (before !== null && keepsGeometry(before, left, room)) return before
  const lengths: number[] = []
  for (let done = 0; done < left; ) {
    const rest = left - done
    const length = rest > room ? room & ~7 : rest
    lengths.push(length)
    done += length
  }
  return lengths
}

function keepsGeometry(before: readonly number[], left: number, room: number): boolean {
  let sum = 0
  for (let i = 0; i < before.length; i++) {
    const length = before[i] as number
    if (length > room || (i + 1 < before.length && (length & 7) !== 0)) return false
    sum += length
  }
  return sum === left
}
