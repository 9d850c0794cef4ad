import { controlToken } from './token.ts';

/** Asks the server for JSON. Rejects with the server's own message when it refuses. */
export function ask<T>(path: string): Promise<T> {
  return request<T>(path, {});
}

/** Sends JSON to the server. Rejects likewise. */
export async function post(path: string, content: unknown): Promise<void> {
  await request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(content),
  });
}

/** Asks the server for text. Rejects likewise. */
export async function askText(path: string): Promise<string> {
  return (await answered(path, {})).text();
}

/** Asks the server for a file. Rejects likewise. */
export async function askBlob(path: string): Promise<Blob> {
  return (await answered(path, {})).blob();
}

/** Sends a file as CSV. Rejects likewise. */
export async function postCsv(path: string, csv: Blob): Promise<void> {
  await request(path, { method: 'POST', headers: { 'content-type': 'text/csv' }, body: csv });
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  return (await (await answered(path, init)).json()) as T;
}

async function answered(path: string, { headers, ...init }: RequestInit): Promise<Response> {
  const token = controlToken();
  const authorization = token === null ? undefined : { authorization: `Bearer ${token}` };
  const response = await fetch(path, {
    ...init,
    headers: { ...(headers as Record<string, string> | undefined), ...authorization },
  });
  if (response.ok) return response;
  const body = (await response.json().catch(() => null)) as { error?: { message?: string } } | null;
  throw new Error(body?.error?.message ?? `${path}: ${response.status}`);
}
