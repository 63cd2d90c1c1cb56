/** The name that a lake's object has whose records a flow log delivered: `fl-0a`. */
export function objectOf(flowLogId: string, part = '0f'): { name: string } {
  return { name: `123456789010-vpcflowlogs-eu-west-1-${flowLogId}-20261120T0500Z-fe123456-${part}` };
}
