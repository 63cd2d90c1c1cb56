/**
 * Frees the memory of bytes that nobody needs any more. Left to the garbage collector, the buffers of a large object make it
 * run dozens of times: it counts them, but what it has to look through each time is everything else.
 *
 * Streams cut several chunks out of one buffer, in order. So only the chunk that ends where its buffer ends frees it: all
 * before it have been handed out, and have to be done with as well. Small chunks may share their buffer with anything.
 */
export function giveBack({ buffer, byteOffset, byteLength }: Uint8Array): void {
  const isLast = byteOffset + byteLength === buffer.byteLength;
  if (isLast && buffer instanceof ArrayBuffer && buffer.byteLength >= SMALLEST_BYTES) buffer.transfer(0);
}

/** Node cuts smaller buffers out of a pool. */
const SMALLEST_BYTES = 32 * 1024;
