import { z } from 'zod';

/** What /api/renditions answers: the best of a picture that there is for a screen now. */
export const renditionSchema = z.strictObject({
  url: z.string().meta({ description: 'Where it is, relative to the address of the stream' }),
  width: z.int().positive().meta({ description: 'Pixels of the picture at `url`' }),
  height: z.int().positive(),
  final: z.boolean().meta({ description: 'False while a better one is being made: ask again in a second' }),
});

export type Rendition = z.infer<typeof renditionSchema>;
