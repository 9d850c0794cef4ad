import { find } from '../shared/element.ts';
import { forgetToken, keepToken } from '../shared/token.ts';

/** Shows the form that asks for the control token, where this page may not control yet. */
export function askForToken(isNeeded: boolean, isTokenRefused: boolean): void {
  find('#token').hidden = !isNeeded;
  find('#token-why').textContent = isTokenRefused
    ? 'The token is wrong: this page may only look.'
    : 'This page may only look.';
}

/** Keeps the token that the form is given, or forgets the one before. @param onToken called then */
export function listenToTokenForm(onToken: () => void): void {
  find('#token').addEventListener('submit', (event) => {
    event.preventDefault();
    const field = find('#token-field') as HTMLInputElement;
    const given = field.value.trim();
    field.value = '';
    // Keys control the show again.
    field.blur();
    if (given === '') forgetToken();
    else keepToken(given);
    onToken();
  });
}
