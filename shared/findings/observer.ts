import type { Format, RecordView } from '../flow-log/format.ts';
import { NODATA, REJECTED, SKIPDATA } from '../line-loop/layout.ts';
import type { LineLoop } from '../line-loop/line-loop.ts';
import { createAddressBook } from './address-book.ts';
import { type FindingColumns, findingColumns } from './columns.ts';
import { byText } from './counting.ts';
import { type Distinct, distinctCount } from './distinct.ts';
import type { Finding } from './finding.ts';
import { FINDING_COLUMNS } from './finding-columns.ts';
import { meaningsOf, severityOf } from './meaning.ts';
import { createPlaceByName, type NamedNetworks, NO_NAMED_NETWORKS } from './named-networks.ts';
import { createPacketLosses } from './packet-losses.ts';
import { createRejections } from './rejections.ts';
import { describeResource, ownerOf, type Resource } from './resource.ts';
import { createSkippedIntervals } from './skipped-intervals.ts';
import { createTrafficEvidence } from './traffic-evidence.ts';

/** Watches the records that a line loop takes of one source object for what is worth telling. */
export interface FindingObserver {
  /** The records that follow are in this format. To be called before the first record. */
  formatChanged(format: Format): void;
  /** The findings, largest first. To be called once, at the object's end. */
  finish(): Finding[];
  /** Records so far that tell of no traffic, of lost log data, and of rejected traffic. */
  readonly counts: { readonly nodata: number; readonly skipdata: number; readonly rejected: number };
}

/** What is known of the source object: account and Region may be `unknown`. */
export interface FindingContext {
  /** The object, as people write it: a URL or path. */
  readonly source: string;
  readonly accountId: string;
  readonly region: string;
  readonly networks?: NamedNetworks | undefined;
}

/** Starts to watch a source object. What is found depends only on its records and their order. */
export function createFindingObserver(context: FindingContext, loop: LineLoop): FindingObserver {
  const counts = { nodata: 0, skipdata: 0, rejected: 0 };
  let columns: FindingColumns = findingColumns({ kind: 'vpc', columns: [] });
  const evidence = createTrafficEvidence(loop);
  const addresses = createAddressBook(createPlaceByName(context.networks ?? NO_NAMED_NETWORKS));
  const rejections = createRejections(evidence, addresses);
  const losses = createPacketLosses(evidence, addresses);
  const skipped = createSkippedIntervals();

  /** Called for every record that is no plain accepted flow: one of ten. */
  loop.events.noteworthy = (what) => {
    const record = loop.view;
    switch (what) {
      case NODATA:
        counts.nodata++;
        return;
      case SKIPDATA:
        observeSkipped(record);
        return;
      case REJECTED:
        counts.rejected++;
        rejections.add(record, columns);
    }
    if (columns.losses.length > 0) losses.add(record, columns);
  };

  function observeSkipped(record: RecordView): void {
    counts.skipdata++;
    skipped.add(record, columns, evidence.resource(record));
  }

  /** A finding from what the log says about its resource and what was found out. */
  function finding(
    kind: Finding['kind'],
    found: {
      readonly path?: Finding['path'];
      readonly cause?: Finding['cause'];
      readonly resource: Resource | undefined;
      readonly resources: Distinct | undefined;
      readonly evidence: { readonly [K in keyof Finding]?: Finding[K] | undefined };
    },
  ): Finding {
    const { path, cause, resource, resources } = found;
    const owner = ownerOf(context, resource);
    const facts = {
      kind,
      path,
      cause,
      aws_account_id: owner.accountId,
      aws_region: owner.region,
      ...describeResource(resource),
      resources: resources === undefined ? undefined : distinctCount(resources),
      ...found.evidence,
      source: context.source,
    } as Finding;
    const told: Finding = { ...facts, severity: severityOf(facts), meanings: meaningsOf(facts) };
    // One order of keys for all: that of the table's columns. What is not known is absent.
    const ordered: Record<string, unknown> = {};
    for (const { name } of FINDING_COLUMNS) if (told[name] !== undefined) ordered[name] = told[name];
    return ordered as unknown as Finding;
  }

  return {
    counts,
    formatChanged(format) {
      columns = findingColumns(format);
      evidence.columnsChanged(columns);
    },
    finish() {
      return [
        ...rejections.finish().map((found) => finding('REJECT', found)),
        ...losses.finish().map((found) => finding('PACKET_LOSS', found)),
        ...skipped.finish().map((found) => finding('SKIPDATA', found)),
      ].sort(compareFindings);
    },
  };
}

const KINDS: readonly Finding['kind'][] = ['REJECT', 'PACKET_LOSS', 'SKIPDATA'];

/** By kind, then the largest first; the rest makes the order the same every time. */
function compareFindings(a: Finding, b: Finding): number {
  return (
    KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
    b.flows - a.flows ||
    byText(a.resource_id ?? '', b.resource_id ?? '') ||
    byText(a.path ?? '', b.path ?? '') ||
    byText(a.cause ?? '', b.cause ?? '')
  );
}
