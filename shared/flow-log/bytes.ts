/** The bytes that have a meaning in a flow log line, by name. */
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const DASH = 0x2d;
export const ZERO = 0x30;
export const NINE = 0x39;
export const LOWER_A = 0x61;
export const LOWER_Z = 0x7a;
