/**
 * Frees the memory of bytes that nobody needs any more. Left to the garbage collector, the buffers of a large object make it
 * run dozens of times: it counts them, but what it has to look through each time is everything else.
 *
 * Streams cut several chunks out of one buffer, in order. So only the chunk that ends where its buffer ends frees it: all
 * before it have been handed out, and have to be done with as well. Small buffers may be Node's pool, which anything shares.
 */
export function giveBack({ buffer, byteOffset, byteLength }: Uint8Array): void {
  const isLast = byteOffset + byteLength === buffer.byteLength;
  const isPool = buffer.byteLength <= Buffer.poolSize;
  if (isLast && !isPool && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
