const KEY = 'synesthete-token';

/**
 * The control token: from the address that the server printed (`#token=…`), and then from this tab's memory. The page
 * removes it from the address at once, so that no photograph of the screen shows it.
 */
export function controlToken(): string | null {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given !== null) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(null, '', location.pathname + location.search);
  }
  return sessionStorage.getItem(KEY);
}

export function keepToken(token: string): void {
  sessionStorage.setItem(KEY, token);
}

/** Forgets a token that is wrong, or no longer right. */
export function forgetToken(): void {
  sessionStorage.removeItem(KEY);
}
