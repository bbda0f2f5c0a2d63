/** Bytes of `struct sk_buff`, rounded up to cache lines. */
const SK_BUFF = 256
/** Bytes of `struct skb_shared_info`, rounded up. */
const SHARED_INFO = 320
/** Room in front of the data that local senders reserve on Ethernet: 16 for the header and 15 to align. */
const LINK_RESERVE = 31
const SMALLEST_HEAD = 512

/**
 * Memory the kernel charges for a packet of `length` layer-3 bytes: the data area as kmalloc rounds it (powers of two), and
 * the sk_buff itself. A queue limited in bytes counts this, not the length.
 *
 * @linux net/core/skbuff.c __alloc_skb
 */
export function truesize(length: number): number {
  const wanted = ((length + LINK_RESERVE + 63) & ~63) + SHARED_INFO
  let head = SMALLEST_HEAD
  while (head < wanted) head *= 2
  return head + SK_BUFF
}
