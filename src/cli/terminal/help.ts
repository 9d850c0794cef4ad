import type { Command, Option } from 'commander';

/**
 * What the help says about an option, in one style: choices and defaults as a person types them, without quotes, lists
 * with commas. A default that commander doesn't know stands in the description, as `(default: 0.5)`.
 */
export function optionDescription({
  description,
  argChoices,
  defaultValue,
  defaultValueDescription,
  envVar,
  required,
  optional,
}: Option): string {
  const facts = [
    ...(argChoices === undefined ? [] : [`choices: ${argChoices.join(', ')}`]),
    ...(defaultValue === undefined || !(required || optional)
      ? []
      : [`default: ${defaultValueDescription ?? String(defaultValue)}`]),
    ...(envVar === undefined ? [] : [`env: ${envVar}`]),
  ];
  return facts.length === 0 ? description : `${description} (${facts.join('; ')})`;
}

/** Puts the options that `add` adds under their own heading in the help. */
export function inGroup(command: Command, heading: string, add: (command: Command) => void): Command {
  command.optionsGroup(heading);
  add(command);
  return command.optionsGroup('');
}
