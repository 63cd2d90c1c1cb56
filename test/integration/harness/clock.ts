/** Preloaded into a function's process: its clock is ahead by so many milliseconds. */
const AHEAD = Number(process.env.CLOCK_AHEAD);
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...parts: ConstructorParameters<typeof Date> | []) {
    if (parts.length === 0) super(RealDate.now() + AHEAD);
    else super(...parts);
  }

  static override now(): number {
    return RealDate.now() + AHEAD;
  }
} as DateConstructor;
