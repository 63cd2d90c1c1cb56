import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OneWay } from '../../generator/conversation.ts';
import { cutIntoIntervals, FIN, SYN } from '../../generator/conversation.ts';

const stream: fc.Arbitrary<OneWay> = fc
  .record({
    start: fc.integer({ min: 1_795_000_000, max: 1_795_010_000 }),
    duration: fc.integer({ min: 0, max: 2000 }),
    packets: fc.integer({ min: 1, max: 100_000 }),
    packetBytes: fc.integer({ min: 40, max: 1500 }),
  })
  .map(({ packetBytes, ...rest }) => ({
    ...rest,
    bytes: rest.packets * packetBytes,
    openingFlags: SYN,
    closingFlags: FIN,
    everyFlags: 0,
  }));

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly packets: number;
  readonly bytes: number;
  readonly flags: number;
}
function pieces(of: OneWay, offset: number): Piece[] {
  const all: Piece[] = [];
  cutIntoIntervals(of, offset, (start, end, packets, bytes, flags) =>
    all.push({ start, end, packets, bytes, flags }),
  );
  return all;
}

test('wherever a stream is cut, its packets and bytes add up and its intervals follow each other', () => {
  fc.assert(
    fc.property(stream, fc.integer({ min: 0, max: 59 }), (whole, offset) => {
      const cut = pieces(whole, offset);
      const sum = (field: 'packets' | 'bytes'): number =>
        cut.reduce((total, piece) => total + piece[field], 0);
      expect(sum('packets')).toBe(whole.packets);
      expect(sum('bytes')).toBe(whole.bytes);
      for (const [i, piece] of cut.entries()) {
        expect(piece.packets).toBeGreaterThan(0);
        expect(Math.floor((piece.start - offset) / 60)).toBe(Math.floor((piece.end - offset) / 60));
        if (i > 0) expect(piece.start).toBeGreaterThan(cut[i - 1]!.end);
      }
    }),
  );
});

test('only the first interval has the SYN and only the last the FIN', () => {
  fc.assert(
    fc.property(stream, fc.integer({ min: 0, max: 59 }), (whole, offset) => {
      const flags = pieces(whole, offset).map((piece) => piece.flags);
      if (flags.length === 1) expect(flags).toEqual([SYN | FIN]);
      else expect(flags).toEqual([SYN, ...flags.slice(1, -1).fill(0), FIN]);
    }),
  );
});
