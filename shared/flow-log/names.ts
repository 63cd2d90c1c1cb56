/** Names that people know numbers by. Sources: IANA's protocol number and service name registries. */

/** IANA's protocol numbers that one meets in flow logs. */
export const PROTOCOL_NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [2, 'igmp'],
  [4, 'ipip'],
  [6, 'tcp'],
  [17, 'udp'],
  [41, 'ipv6'],
  [47, 'gre'],
  [50, 'esp'],
  [51, 'ah'],
  [58, 'icmpv6'],
  [89, 'ospf'],
  [112, 'vrrp'],
  [132, 'sctp'],
]);

/** Services that one meets in flow logs, by port. TCP and UDP use the same numbers for what is listed. */
export const SERVICE_NAMES: ReadonlyMap<number, string> = new Map([
  [20, 'ftp-data'],
  [21, 'ftp'],
  [22, 'ssh'],
  [23, 'telnet'],
  [25, 'smtp'],
  [53, 'dns'],
  [67, 'dhcp'],
  [80, 'http'],
  [88, 'kerberos'],
  [110, 'pop3'],
  [123, 'ntp'],
  [135, 'rpc'],
  [137, 'netbios'],
  [139, 'netbios'],
  [143, 'imap'],
  [161, 'snmp'],
  [389, 'ldap'],
  [443, 'https'],
  [445, 'smb'],
  [465, 'smtps'],
  [500, 'ike'],
  [514, 'syslog'],
  [587, 'submission'],
  [636, 'ldaps'],
  [853, 'dns-over-tls'],
  [993, 'imaps'],
  [995, 'pop3s'],
  [1433, 'sql-server'],
  [1521, 'oracle'],
  [2049, 'nfs'],
  [2379, 'etcd'],
  [3306, 'mysql'],
  [3389, 'rdp'],
  [4500, 'ipsec'],
  [5060, 'sip'],
  [5432, 'postgresql'],
  [5671, 'amqps'],
  [5672, 'amqp'],
  [5985, 'winrm'],
  [5986, 'winrm-https'],
  [6379, 'redis'],
  [8080, 'http-alt'],
  [8443, 'https-alt'],
  [9092, 'kafka'],
  [9200, 'elasticsearch'],
  [11211, 'memcached'],
  [27017, 'mongodb'],
]);

/** TCP's flags by their bits, as in `tcp-flags`. VPC flow logs know ACK only as a part of SYN-ACK. */
export const TCP_FLAG_NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'FIN'],
  [2, 'SYN'],
  [4, 'RST'],
  [8, 'PSH'],
  [16, 'ACK'],
  [32, 'URG'],
]);

/** The name of an IANA protocol number, `tcp`; the number itself where there is no common name. */
export function protocolName(protocol: number): string {
  return PROTOCOL_NAMES.get(protocol) ?? String(protocol);
}

/** The service that usually listens on a port, or undefined. */
export function serviceName(port: number): string | undefined {
  return SERVICE_NAMES.get(port);
}

/** A port as people write it: `tcp/22 (ssh)`; the protocol's name alone where there are no ports. */
export function portText(protocol: number, port: number): string {
  if (port === 0) return protocolName(protocol);
  const service = serviceName(port);
  return `${protocolName(protocol)}/${port}${service === undefined ? '' : ` (${service})`}`;
}
