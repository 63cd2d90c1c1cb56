const TOP_ENTRY = 'flows:bigint,packets:bigint,bytes:bigint,error:bigint';

/** Columns of the `findings` table, with Athena types, in the order of a finding's keys. */
export const FINDING_COLUMNS = [
  { name: 'kind', type: 'string', description: 'REJECT, SKIPDATA or PACKET_LOSS' },
  { name: 'severity', type: 'string', description: 'The highest of its meanings: info, warning or critical' },
  {
    name: 'meanings',
    type: 'array<string>',
    description: 'What it may mean, the most severe first. NULL in older findings',
  },
  {
    name: 'path',
    type: 'string',
    description:
      'From where to where the connection goes: internet-to-subnet, subnet-to-subnet, subnet-to-internet, ' +
      'on-premises, aws-service or unknown',
  },
  {
    name: 'cause',
    type: 'string',
    description: 'Why packets were lost: no-route, blackhole, mtu-exceeded or ttl-expired',
  },
  { name: 'aws_account_id', type: 'string', description: 'Account that delivered the log, or unknown' },
  { name: 'aws_region', type: 'string', description: 'Region that delivered the log, or unknown' },
  {
    name: 'resource_type',
    type: 'string',
    description: 'interface, nat-gateway, transit-gateway-attachment or transit-gateway',
  },
  { name: 'resource_id', type: 'string', description: 'What recorded the flows' },
  {
    name: 'resources',
    type: 'string',
    description:
      'Only where an object has too many resources for a finding each: how many this one adds up, exact to 64, then 64+',
  },
  { name: 'vpc_id', type: 'string', description: 'VPC of the resource' },
  { name: 'subnet_id', type: 'string', description: 'Subnet of the resource' },
  { name: 'instance_id', type: 'string', description: 'Instance of the resource' },
  { name: 'interface_type', type: 'string', description: 'AWS service behind the resource' },
  { name: 'tgw_id', type: 'string', description: 'Transit gateway of the resource' },
  { name: 'first_time', type: 'bigint', description: 'Smallest start of a flow, Unix seconds' },
  { name: 'last_time', type: 'bigint', description: 'Largest end of a flow, Unix seconds' },
  {
    name: 'flows',
    type: 'bigint',
    description: 'Records: rejected flows, SKIPDATA records, or flows that lost packets',
  },
  { name: 'packets', type: 'bigint', description: 'Packets of these flows; for PACKET_LOSS those lost' },
  { name: 'bytes', type: 'bigint', description: 'Bytes of these flows, as far as the log has them' },
  { name: 'skipped_seconds', type: 'bigint', description: 'Length of the SKIPDATA intervals together' },
  {
    name: 'refused_requests',
    type: 'bigint',
    description: 'Flows from client to server that are nothing but a request',
  },
  {
    name: 'refused_replies',
    type: 'bigint',
    description: 'Flows from server to client whose request was accepted here and that never were themselves',
  },
  {
    name: 'late_packets',
    type: 'bigint',
    description:
      'Flows of a connection that was open before: TCP without SYN, or accepted by the same resource in this object',
  },
  { name: 'tcp_with_syn', type: 'bigint', description: 'TCP flows with SYN or SYN-ACK' },
  { name: 'tcp_without_syn', type: 'bigint', description: 'TCP flows whose flags lack SYN' },
  { name: 'tcp_flags_unknown', type: 'bigint', description: 'TCP flows whose flags the log does not give' },
  { name: 'reply_like', type: 'bigint', description: 'Flows that go from the service to the client' },
  {
    name: 'request_accepted',
    type: 'bigint',
    description: 'Flows whose opposite direction the same resource accepted in this object, bounded evidence',
  },
  {
    name: 'also_accepted',
    type: 'bigint',
    description: 'Flows that the same resource also accepted in this object, bounded evidence',
  },
  {
    name: 'protocols',
    type: 'array<struct<protocol:int,flows:bigint>>',
    description: 'Flows by IANA protocol number, the 16 most frequent',
  },
  {
    name: 'directions',
    type: 'array<struct<direction:string,flows:bigint>>',
    description: 'Flows by flow-direction',
  },
  {
    name: 'reject_reasons',
    type: 'array<struct<reason:string,flows:bigint>>',
    description: 'Flows by reject-reason: BPA, EC',
  },
  {
    name: 'top_sources',
    type:
      `array<struct<address:string,inside:boolean,${TOP_ENTRY},` +
      'server_ports:string,destinations:string,interfaces:string>>',
    description:
      'Senders of most flows. Flows are at most error too high. Distinct server ports and destinations that it asked ' +
      'for here, and distinct interfaces of the whole object at which it was refused: exact to 64, then 64+',
  },
  {
    name: 'top_destinations',
    type: `array<struct<address:string,inside:boolean,${TOP_ENTRY}>>`,
    description: 'Receivers of most flows. Flows are at most error too high',
  },
  {
    name: 'top_server_ports',
    type:
      'array<struct<protocol:int,port:int,side:string,rejected_flows:bigint,error:bigint,accepted_flows:bigint,' +
      'refused_requests:bigint,refused_replies:bigint,late_packets:bigint,clients:string,servers:string,server:string>>',
    description:
      "The services' ports, with flows that were rejected and flows that the same resource accepted. Side: the service " +
      'is the own or the peer. Distinct clients and servers; the server where it is just one',
  },
  {
    name: 'top_attachment_pairs',
    type:
      'array<struct<pair_attachment_id:string,source_vpc_id:string,destination_vpc_id:string,' +
      'flows:bigint,packets:bigint,error:bigint>>',
    description: 'The other attachments and the VPCs of flows that lost packets',
  },
  { name: 'samples', type: 'array<string>', description: 'A few lines as they stand in the source' },
  { name: 'source', type: 'string', description: 'The source object, as a URL or path' },
] as const;
