// Imported before a program: writes the URL of each module that any of its threads and processes loads into $MODULE_LIST.
import { register } from 'node:module';

register('./list-modules-hooks.mjs', import.meta.url);
