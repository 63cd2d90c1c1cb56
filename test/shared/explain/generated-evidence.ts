import type { GenerateOptions } from '../../../generator/generate.ts';
import type { NetworkInterface } from '../../../generator/world.ts';
import type {
  End,
  FlowRow,
  InterfaceLog,
  Interval,
  TransitRow,
} from '../../../shared/explain/observation.ts';
import { fieldsOf } from '../../../shared/flow-log/fields.ts';
import { generated, type Line } from '../../generator/generated-lines.ts';

/** The logs of the example organization as the rows that a query would give. */
export interface Logs {
  readonly rows: readonly FlowRow[];
  readonly transitRows: readonly TransitRow[];
  readonly period: Interval;
}

/** Generates logs and reads them with nothing but `split`. */
export function generatedLogs(options: GenerateOptions): Logs {
  const objects = generated(options);
  const rowsOf = (kind: 'vpc' | 'transit-gateway') => {
    const types = new Map(fieldsOf(kind).map((field) => [field.name, field]));
    const row = (line: Line): object =>
      Object.fromEntries(
        Object.entries(line).map(([name, value]) => {
          const { column, type } = types.get(name)!;
          return [column, value === '-' ? null : type === 'string' ? value : Number(value)];
        }),
      );
    return objects.filter((each) => each.kind === kind).flatMap(({ lines }) => lines.map(row));
  };
  const rows: readonly FlowRow[] = rowsOf('vpc');
  const start = Math.min(...rows.map((row) => row.start!));
  const end = Math.max(...rows.map((row) => row.end!));
  return { rows, transitRows: rowsOf('transit-gateway'), period: { start, end } };
}

/** What is known of each interface's log: everything is delivered, and both actions are logged. */
export function interfaceLogs({ rows, period }: Logs): Map<string, InterfaceLog> {
  return new Map(
    [...Map.groupBy(rows, (row) => row.interface_id!)].map(([id, own]) => {
      const gaps = own.filter((row) => row.log_status === 'SKIPDATA');
      const skipped = gaps.map((row) => ({ start: row.start!, end: row.end! }));
      return [id, { actions: new Set(['ACCEPT', 'REJECT']), skipped, completeUntil: period.end + 600 }];
    }),
  );
}

export function endOf(of: NetworkInterface): End {
  return { addresses: [of.address, of.addressV6], interfaceIds: [of.id] };
}

/** A host that no flow log here records. */
export function outside(address: string): End {
  return { addresses: [address], interfaceIds: [] };
}
