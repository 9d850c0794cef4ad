import { controlToken } from './token.ts';

/** Asks the server for JSON. Rejects with the server's own line when it refuses. */
export function ask<T>(path: string): Promise<T> {
  return request<T>(path, {});
}

/** Sends JSON to the server. Rejects likewise. */
export async function tell(path: string, content: unknown): Promise<void> {
  await request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(content),
  });
}

async function request<T>(path: string, { headers, ...init }: RequestInit): Promise<T> {
  const token = controlToken();
  const authorization = token === null ? undefined : { authorization: `Bearer ${token}` };
  const response = await fetch(path, {
    ...init,
    headers: { ...(headers as Record<string, string> | undefined), ...authorization },
  });
  const body = (await response.json().catch(() => null)) as { error?: { message?: string } } | null;
  if (!response.ok) throw new Error(body?.error?.message ?? `${path}: ${response.status}`);
  return body as T;
}
