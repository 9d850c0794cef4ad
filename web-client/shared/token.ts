const KEY = 'synesthete-token';

/**
 * The control token: from the address that the server printed (`#token=…`), and then from this tab's memory. It is taken
 * out of the address at once, so that no picture of the screen shows it.
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

/** Of a token that is wrong, or not right any more. */
export function forgetToken(): void {
  sessionStorage.removeItem(KEY);
}
