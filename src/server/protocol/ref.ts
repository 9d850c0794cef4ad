import { z } from 'zod';

/** Comes back in the reply, so that a client knows which of its messages it answers. */
export const ref = z.union([z.string().max(64), z.int()]);
