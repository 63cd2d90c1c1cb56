import type { End, FlowRow, Question } from './observation.ts';

/** Whether both ends are known to be in one subnet, where network ACLs do not apply and nothing is translated. */
export function isOneSubnet(rows: readonly FlowRow[], { source, destination }: Question): boolean {
  const subnetsOf = ({ interfaceIds, subnetIds }: End): Set<string | null | undefined> =>
    new Set(
      subnetIds ??
        rows
          .filter((row) => row.interface_id != null && interfaceIds.includes(row.interface_id))
          .map((row) => row.subnet_id),
    );
  const all = new Set([...subnetsOf(source), ...subnetsOf(destination)]);
  const bothSeen = subnetsOf(source).size > 0 && subnetsOf(destination).size > 0;
  return bothSeen && all.size === 1 && !all.has(null) && !all.has(undefined);
}
