/**
 * The memory that the line loop's WebAssembly and TypeScript share. Both sides compile this file, so no number stands
 * twice. It may hold nothing but constants, in the grammar that AssemblyScript and TypeScript have in common.
 *
 * All regions lie at fixed places and are as large as they can ever need to be. That costs address space only: the
 * system gives a page when it is first written, and small objects write few (`resetTraffic` says what is cleared).
 *
 *     registers   what both sides tell each other about the line at hand
 *     columns     the plan: for each column where its key is, how long it is, what values it takes
 *     keys        the keys' bytes, padded
 *     tokens      of the line at hand: where each value starts and ends, and numbers
 *     service     how much each port looks like a service's
 *     resources   by number: what the loop knows of it
 *     slots       hash table: resource id → number
 *     flows       fingerprints of accepted flows; while there are few, also a list of their hashes
 *     ports       hash table: accepted flows by resource, protocol and port; and where it is copied from when it grows
 *     kept lines  of refused flows that wait to be judged
 *     stops       where tokens end, in the window of the input that the loop is at
 *     input       lines
 *     output      records
 */

// Names ending in _AT are addresses. Loads and stores of whole vector registers reach up to 64 bytes beyond what they are
// about, so every region that is read or written so has some bytes to spare.

// --- Registers -------------------------------------------------------------------------------------------------------

/** i32: the line at hand. */
export const LINE_START_AT = 1024;
export const LINE_END_AT = 1028;
/** i32: where the next record goes, and where those begin that have not been handed over. */
export const OUTPUT_END_AT = 1032;
export const RUN_START_AT = 1036;
/** i32: records since the last hand-over. */
export const RUN_RECORDS_AT = 1040;
/** i32: lines that `lines` took; only valid when it returns. */
export const LINES_TAKEN_AT = 1044;
/** i32: hour of the run, since 1970; -1 when there is none. */
export const RUN_HOUR_AT = 1048;
/** i32: the columns that the format has. */
export const COLUMN_COUNT_AT = 1052;
/** i32: how many of LOSS_COLUMNS_AT are set. */
export const LOSS_COLUMN_COUNT_AT = 1056;
/** i32: 1 if nothing is to be learned from accepted flows. */
export const TRAFFIC_OFF_AT = 1060;
/** i64: what times are plausible, the time of records that have none, and the first and last time met. */
export const EARLIEST_AT = 1064;
export const LATEST_AT = 1072;
export const OBJECT_TIME_AT = 1080;
export const FIRST_TIME_AT = 1088;
export const LAST_TIME_AT = 1096;
/** i32, once `locate` has looked for them: hashes of the line's addresses, and the number of its resource or -1. */
export const SOURCE_HASH_AT = 1104;
export const DESTINATION_HASH_AT = 1108;
export const RESOURCE_AT = 1112;
/** i32: the column that named the resource; -1 if none did. */
export const RESOURCE_COLUMN_AT = 1116;
/** i32: the row of own addresses; -1 where resource or addresses are missing. */
export const ROW_AT = 1120;

/** i32 for each: the index of a column that the loop looks at, -1 if the format lacks it. Loss columns are the last ones. */
export const START_COLUMN_AT = 1152;
export const END_COLUMN_AT = 1156;
export const LOG_STATUS_COLUMN_AT = 1160;
export const ACTION_COLUMN_AT = 1164;
export const INTERFACE_COLUMN_AT = 1168;
export const RESOURCE_ID_COLUMN_AT = 1172;
export const ATTACHMENT_COLUMN_AT = 1176;
export const TRANSIT_GATEWAY_COLUMN_AT = 1180;
export const SOURCE_ADDRESS_COLUMN_AT = 1184;
export const DESTINATION_ADDRESS_COLUMN_AT = 1188;
export const SOURCE_PORT_COLUMN_AT = 1192;
export const DESTINATION_PORT_COLUMN_AT = 1196;
export const PROTOCOL_COLUMN_AT = 1200;
export const LOSS_COLUMNS_AT = 1204;

// --- The plan --------------------------------------------------------------------------------------------------------

/** At least half of a header's columns are known ones, of which there are 54, so no format has more. */
export const MAX_COLUMNS = 256;
/** Formats with longer keys are left to the slow path. */
export const MAX_KEY_BYTES = 96;

/** A column: i32 address of its key, i32 bytes of it, i32 most digits that surely fit (0: a string). */
export const COLUMNS_AT = 2048;
export const COLUMN_BYTES = 16;
export const KEY_ADDRESS = 0;
export const KEY_BYTES = 4;
export const SAFE_DIGITS = 8;

/** Keys, each in a place of its own, padded for whole-register copies. */
export const KEYS_AT = COLUMNS_AT + MAX_COLUMNS * COLUMN_BYTES;
export const KEY_PLACE_BYTES = 112;

// --- The line at hand ------------------------------------------------------------------------------------------------

/** i32 for each column: the first byte of its token. */
export const TOKEN_START_AT = KEYS_AT + MAX_COLUMNS * KEY_PLACE_BYTES;
/** i32 for each column: one past the last byte of its token. */
export const TOKEN_END_AT = TOKEN_START_AT + MAX_COLUMNS * 4;
/** f64 for each column, once `readNumbers` has been called: the value of a number, -1 for a missing one. */
export const NUMBERS_AT = TOKEN_END_AT + MAX_COLUMNS * 4;

// --- What is known of the traffic ------------------------------------------------------------------------------------

/** u8 for each port: how much it looks like a service's. */
export const SERVICE_RANKS_AT = NUMBERS_AT + MAX_COLUMNS * 8;
export const PORTS = 65536;

/** So many resources of an object are told apart. A power of two: a number of one fits 14 bits, a row 15. */
export const MOST_RESOURCES = 16384;

/** A resource is half a cache line: the hashes of its id, and a row for each address family. */
export const RESOURCES_AT = SERVICE_RANKS_AT + PORTS;
export const RESOURCE_BYTES = 32;
/** i32 */
export const FIRST_HASH = 0;
export const SECOND_HASH = 4;
/** u8: 1 if only records that tell of no traffic have named it so far. It lies beside the first row's state. */
export const IS_BARE = 11;
/** Rows: of IPv4, then of IPv6. */
export const ROWS = 8;
export const ROW_BYTES = 12;
/** Of a row: u8 SEEN and the candidates that are possible, 0 if no record came; i32 hashes of the candidates. */
export const ROW_STATE = 0;
export const FIRST_CANDIDATE_HASH = 4;
export const SECOND_CANDIDATE_HASH = 8;

/** States of a row: nothing seen, or SEEN and the candidates that are still possible. */
export const FIRST_POSSIBLE = 1;
export const SECOND_POSSIBLE = 2;
export const SEEN = 4;

/** A slot of the resources' hash table: i32 number + 1 (0: free), i32 first hash of the id. Never more than half full. */
export const SLOTS_AT = RESOURCES_AT + MOST_RESOURCES * RESOURCE_BYTES;
export const SLOT_BYTES = 8;
export const FIRST_SLOTS = 128;
export const MOST_SLOTS = 32768;

/**
 * i32 fingerprints; a newer flow takes the place of an older one. 512 kB: more would not stay in the processor's cache, and
 * every flow touches a place at random.
 */
export const FLOWS_AT = SLOTS_AT + MOST_SLOTS * SLOT_BYTES;
export const FLOW_PLACES_BITS = 17;
export const FLOW_PLACES = 1 << FLOW_PLACES_BITS;
/**
 * Most objects are small: their flows stand in the first places of the region, as a hash table with linear probing in
 * which none replaces another, and as whole hashes (u64) in a list. When there are too many, the whole table is made of the
 * list.
 */
export const FEW_FLOW_PLACES = 4096;
export const FLOW_LIST_AT = FLOWS_AT + FLOW_PLACES * 4;
export const MOST_FEW_FLOWS = 2048;

/** A place of the ports' table: u64 key (0: free), u32 count. */
export const PORT_TABLE_AT = FLOW_LIST_AT + MOST_FEW_FLOWS * 8;
export const PORT_PLACE_BYTES = 16;
export const PORT_COUNT = 8;
export const FIRST_PORT_PLACES_BITS = 7;
export const MOST_PORT_PLACES_BITS = 15;
/** Beyond three quarters of the places probing gets slow; what is not in the largest table by then is not counted. */
export const MOST_PORT_KEYS = 24000;
/** Where the table is copied from when it grows. */
export const OLD_PORT_TABLE_AT = PORT_TABLE_AT + (PORT_PLACE_BYTES << MOST_PORT_PLACES_BITS);

/** Longest sample of a line, in bytes. */
export const SAMPLE_BYTES = 512;
/** Lines that are kept for later: i32 length and bytes. One byte more than a sample, to tell that it was longer. */
export const KEPT_LINES_AT = OLD_PORT_TABLE_AT + (PORT_PLACE_BYTES << (MOST_PORT_PLACES_BITS - 1));
export const MOST_KEPT_LINES = 1024;
export const KEPT_LINE_BYTES = 544;

/** Which of a row's two candidates an address is. */
export const FIRST_CANDIDATE = 0;
export const SECOND_CANDIDATE = 1;
export const OTHER_CANDIDATE = 2;

// --- What is noteworthy about a line --------------------------------------------------------------------------------

/** No traffic; lost log data; a refused flow; packets lost of a flow that was accepted, or of which that is not known. */
export const NODATA = 0;
export const SKIPDATA = 1;
export const REJECTED = 2;
export const PACKETS_LOST = 3;

// --- Text ------------------------------------------------------------------------------------------------------------

/** Longest line that can be a record or a header, without its line end. */
export const MAX_LINE_BYTES = 65536;
/** Input is worked on in pieces of about this size, which stay in the processor's cache together with their output. */
export const PIECE_BYTES = 262144;
/** Records are handed over when so much of them waits. */
export const FLUSH_BYTES = 131072;

/** The loop looks for the ends of tokens in so much of the input at once. A longer line is left to the slow path. */
export const WINDOW_BYTES = 16384;
/** The first window of a call; each doubles the one before. Where most lines go the slow way, little is looked at in vain. */
export const FIRST_WINDOW_BYTES = 1024;
/** i32: the places where tokens end. Some more are written than there are. */
export const STOPS_AT = KEPT_LINES_AT + MOST_KEPT_LINES * KEPT_LINE_BYTES;

export const INPUT_AT = STOPS_AT + WINDOW_BYTES * 4 + 256;
/** Room for a piece behind a line that is not complete, and for reading beyond. */
export const INPUT_BYTES = MAX_LINE_BYTES + PIECE_BYTES;
export const OUTPUT_AT = INPUT_AT + INPUT_BYTES + 64;
/** A run that is nearly handed over, and a record of the longest line there can be in the input. */
export const OUTPUT_BYTES = FLUSH_BYTES + INPUT_BYTES + MAX_COLUMNS * KEY_PLACE_BYTES + 1024;
export const MEMORY_BYTES = OUTPUT_AT + OUTPUT_BYTES;
