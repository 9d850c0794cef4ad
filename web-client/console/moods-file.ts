import { askText } from '../shared/api.ts';
import { make } from '../shared/element.ts';

/** Saves the moods by hand as moods.csv on this device. */
export async function exportMoods(): Promise<void> {
  const csv = new Blob([await askText('api/moods')], { type: 'text/csv' });
  const address = URL.createObjectURL(csv);
  make('a', { href: address, download: 'moods.csv' }).click();
  URL.revokeObjectURL(address);
}
