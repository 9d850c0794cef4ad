import t from 'tap';
import { defaultsOf } from '../../../../src/cli/options/devices.ts';
import type { Device } from '../../../../streams/sources/index.ts';

function device(
  name: string,
  kind: Device['kind'],
  isDefaultInput: boolean,
  isDefaultMonitor = false,
): Device {
  return {
    name,
    description: name,
    kind,
    isDefaultInput,
    isDefaultMonitor,
    rateHz: 48_000,
    channels: 2,
    backend: 'pulse',
    address: name,
    id: name,
  };
}

const namesOf = (devices: readonly Device[]) => [...defaultsOf(devices)].map(({ name }) => name);

t.test('one default of each kind', async (t) => {
  const input = device('mic', 'input', true);
  t.same(namesOf([device('a', 'monitor', false, true), input]), ['mic', 'a']);
  t.same(
    namesOf([device('a', 'monitor', true), device('b', 'monitor', false, true)]),
    ['b'],
    'where the default input of the system is a monitor as well',
  );
  t.same(namesOf([device('a', 'monitor', true)]), ['a']);
  t.same(
    namesOf([input, device('mic (WASAPI)', 'input', true)]),
    ['mic'],
    'where each interface of the system has a default',
  );
  t.same(namesOf([]), []);
});
