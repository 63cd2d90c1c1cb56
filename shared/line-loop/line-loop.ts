import type { RecordView } from '../flow-log/format.ts';
import { LINE_LOOP_BASE64 } from './binary.ts';
import * as at from './layout.ts';

/** What the line loop leaves to TypeScript, because it is rare or belongs elsewhere. All calls are synchronous. */
export interface LineLoopEvents {
  /** Records of this hour (hours since 1970) follow. False if there is no place for them. */
  startRun(hour: number): boolean;
  /** The run that waits is to be taken away. */
  handOverRun(): void;
  /** The line at hand is no plain accepted flow, but one of `NODATA`, `SKIPDATA`, `REJECTED`, `PACKETS_LOST`. */
  noteworthy(what: number): void;
  /** The line's value in `column` names a resource for the first time; its number is one more than the last one's. */
  resourceNamed(number: number, column: number): void;
  /** The line is the first that tells of a resource's traffic. */
  resourceSeen(number: number): void;
  /** The line's addresses tell something new about which one is the resource's own. */
  ownAddressTold(): void;
}

interface Exports {
  lines(position: number, limit: number): number;
  noteLine(): void;
  keepLine(place: number): void;
  locate(): void;
  hashToken(column: number): number;
  ipv4Token(column: number): number;
  wasAccepted(
    source: number,
    destination: number,
    sourcePort: number,
    destinationPort: number,
    resource: number,
    protocol: number,
  ): number;
  acceptedFlows(row: number, port: number, protocol: number, server: number): number;
  resetTraffic(): void;
}

/**
 * The line loop: WebAssembly with a memory of its own (`layout.ts`), which works on one object at a time. Its source is
 * `assembly/`, in AssemblyScript; `npm run build:line-loop` compiles it into `binary.ts`.
 */
export interface LineLoop extends Exports {
  /** The whole memory. Its size never changes, so views of it stay valid. */
  readonly bytes: Buffer;
  readonly data: DataView;
  /** The line at hand; valid during an event, and after the slow path has set its tokens. */
  readonly view: RecordView;
  readonly tokenStart: Int32Array;
  readonly tokenEnd: Int32Array;
  /** Who hears of events; each part of the pipeline sets its own. */
  readonly events: LineLoopEvents;
  register(address: number): number;
  setRegister(address: number, value: number): void;
  /** Registers of 64 bits, whose values are whole numbers below 2^53. */
  longRegister(address: number): number;
  setLongRegister(address: number, value: number): void;
  /** How much each port looks like a service's. To be told before traffic is noted; the loop remembers it. */
  setServiceRanks(ranks: Uint8Array): void;
  /** The first and the last time that the object's records tell of, in Unix seconds. */
  times(): { firstTime: number | undefined; lastTime: number | undefined };
  /** Ends the work on an object, so that another one may borrow the loop. */
  release(): void;
}

const PAGE_BYTES = 65_536;
const PAGES = Math.ceil(at.MEMORY_BYTES / PAGE_BYTES);

let compiled: WebAssembly.Module | undefined;
/** Loops that wait for the next object. As many are kept as were ever needed at once. */
const idle: LineLoop[] = [];

/** A loop for one object. Whoever borrows it must release it. */
export function borrowLineLoop(): LineLoop {
  const loop = idle.pop() ?? createLineLoop();
  loop.setRegister(at.TRAFFIC_OFF_AT, 1);
  loop.setRegister(at.RUN_HOUR_AT, -1);
  loop.setRegister(at.OUTPUT_END_AT, at.OUTPUT_AT);
  loop.setRegister(at.RUN_START_AT, at.OUTPUT_AT);
  loop.setRegister(at.RUN_RECORDS_AT, 0);
  loop.setLongRegister(at.FIRST_TIME_AT, Number.MAX_SAFE_INTEGER);
  loop.setLongRegister(at.LAST_TIME_AT, -1);
  return loop;
}

function createLineLoop(): LineLoop {
  compiled ??= new WebAssembly.Module(Buffer.from(LINE_LOOP_BASE64, 'base64'));
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
  const bytes = Buffer.from(memory.buffer);
  const data = new DataView(memory.buffer);
  const tokenStart = new Int32Array(memory.buffer, at.TOKEN_START_AT, at.MAX_COLUMNS);
  const tokenEnd = new Int32Array(memory.buffer, at.TOKEN_END_AT, at.MAX_COLUMNS);
  const numbers = new Float64Array(memory.buffer, at.NUMBERS_AT, at.MAX_COLUMNS);
  const events = noEvents();
  let serviceRanks: Uint8Array | undefined;
  const called = {
    startRun: (hour: number) => events.startRun(hour),
    handOverRun: () => events.handOverRun(),
    noteworthy: (what: number) => events.noteworthy(what),
    resourceNamed: (number: number, column: number) => events.resourceNamed(number, column),
    resourceSeen: (number: number) => events.resourceSeen(number),
    ownAddressTold: () => events.ownAddressTold(),
  };
  // AssemblyScript names imports after the files that declare them.
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory }, lines: called, traffic: called });
  const { hashToken, ipv4Token, ...others } = exports as unknown as Exports;
  const loop: LineLoop = {
    ...others,
    hashToken,
    ipv4Token,
    bytes,
    data,
    tokenStart,
    tokenEnd,
    events,
    view: {
      bytes,
      get lineStart() {
        return data.getInt32(at.LINE_START_AT, true);
      },
      get lineEnd() {
        return data.getInt32(at.LINE_END_AT, true);
      },
      tokenStart,
      tokenEnd,
      numbers,
      hashOf: hashToken,
      ipv4Of: ipv4Token,
    },
    register: (address) => data.getInt32(address, true),
    setRegister: (address, value) => data.setInt32(address, value, true),
    longRegister: (address) => Number(data.getBigInt64(address, true)),
    setLongRegister: (address, value) => data.setBigInt64(address, BigInt(value), true),
    setServiceRanks(ranks) {
      if (ranks === serviceRanks) return;
      serviceRanks = ranks;
      bytes.set(ranks, at.SERVICE_RANKS_AT);
    },
    times() {
      const first = loop.longRegister(at.FIRST_TIME_AT);
      const last = loop.longRegister(at.LAST_TIME_AT);
      return {
        firstTime: first === Number.MAX_SAFE_INTEGER ? undefined : first,
        lastTime: last < 0 ? undefined : last,
      };
    },
    release() {
      if (idle.includes(loop)) throw new Error('a line loop was released twice');
      loop.resetTraffic();
      Object.assign(events, noEvents());
      idle.push(loop);
    },
  };
  return loop;
}

function noEvents(): LineLoopEvents {
  const nobody = () => {
    throw new Error('nobody has told the line loop where its events go');
  };
  return {
    startRun: nobody,
    handOverRun: nobody,
    noteworthy: nobody,
    resourceNamed: nobody,
    resourceSeen: nobody,
    ownAddressTold: nobody,
  };
}
