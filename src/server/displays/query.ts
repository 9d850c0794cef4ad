import type { IncomingMessage } from 'node:http';
import { ClientFault, describeIssues, helloSchema, type Hello } from '../protocol/index.ts';

const querySchema = helloSchema.pick({ name: true, group: true, role: true });

/** What `?group=2&name=left&role=listener` says, for clients that only listen. @throws ClientFault malformed */
export function readQuery(request: IncomingMessage): Omit<Hello, 'type'> {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  return greetingOf(searchParams.get('group'), searchParams.get('name'), searchParams.get('role'));
}

/** @throws ClientFault malformed */
function greetingOf(group: string | null, name: string | null, role: string | null): Omit<Hello, 'type'> {
  const parsed = querySchema.safeParse({
    ...(group === null ? {} : { group: /^\d{1,3}$/.test(group) ? Number(group) : group }),
    ...(name === null ? {} : { name }),
    ...(role === null ? {} : { role }),
  });
  if (!parsed.success) throw new ClientFault('malformed', describeIssues(parsed.error));
  return parsed.data;
}
