/** Reading tokens: their hashes and the values of numbers. Tokens may be read up to a register's width beyond. */

const K1: u64 = 0x9e3779b97f4a7c15;
const K2: u64 = 0xc2b2ae3d27d4eb4f;
const K3: u64 = 0x165667b19e3779f9;

/** Mixes two words; the upper half of the result is the better one. */
export function mix(a: u64, b: u64): u64 {
  let hash = a * K1;
  // Products mix upwards only, so they are folded before the next multiplication.
  hash = ((hash ^ (hash >> 32)) + b) * K2;
  hash = (hash ^ (hash >> 29)) * K3;
  return hash ^ (hash >> 32);
}

/** A 64-bit hash of the bytes from `start` to `end`, read eight at a time; the last eight may overlap those before. */
export function hashBytes(start: i32, end: i32): u64 {
  const length = end - start;
  if (length < 8) {
    // The token's bytes are the low ones.
    const word = length === 0 ? 0 : load<u64>(start) & (~(<u64>0) >> ((8 - length) << 3));
    return mix(word, length);
  }
  const last = load<u64>(end - 8);
  if (length <= 16) return mix(load<u64>(start) ^ length, last);
  let hash: u64 = length;
  for (let at = start; at < end - 8; at += 8) hash = (rotl(hash, 23) ^ load<u64>(at)) * K1;
  return mix(hash, last);
}

/** The value of 1 to 8 digits. */
function upToEightDigits(start: i32, length: i32): u64 {
  // The first digit is the lowest byte. Shifted so that the last one is the highest, leading zeros come in by themselves.
  let digits = (load<u64>(start) - 0x3030303030303030) << ((8 - length) << 3);
  digits = digits * 10 + (digits >> 8);
  digits = (digits & 0x00ff00ff00ff00ff) * 100 + ((digits >> 16) & 0x00ff00ff00ff00ff);
  return ((digits & 0x0000ffff0000ffff) * 10000 + ((digits >> 32) & 0x0000ffff0000ffff)) & 0xffffffff;
}

/** The value of a token of 1 to 19 digits. */
export function digitsValue(start: i32, end: i32): i64 {
  const length = end - start;
  if (length <= 8) return <i64>upToEightDigits(start, length);
  const tail = upToEightDigits(end - 8, 8);
  if (length <= 16) return <i64>(upToEightDigits(start, length - 8) * 100000000 + tail);
  const middle = upToEightDigits(end - 16, 8);
  return <i64>((upToEightDigits(start, length - 16) * 100000000 + middle) * 100000000 + tail);
}
