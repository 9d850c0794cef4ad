import { z } from 'zod';
import { controlSchema, displayNameSchema } from '../../../streams/program/index.ts';
import { displayReportSchema } from './display-report.ts';
import { ref } from './ref.ts';

/** Screens that can each show a different picture, besides the main one. */
const MOST_GROUPS = 16;

/** `main`, or n: the n-th screen besides the main one; of a show with fewer screens, the main one as well. */
export const groupSchema = z.union([z.literal('main'), z.int().min(1).max(MOST_GROUPS)]);

export type Group = z.infer<typeof groupSchema>;

const token = z.string().max(256);

/** What a client of the stream is. */
const roleSchema = z.enum(['display', 'console', 'listener']);

export type Role = z.infer<typeof roleSchema>;

/** What a display says about itself; fields that are left out stay as they were. */
export const helloSchema = z.strictObject({
  type: z.literal('hello'),
  name: displayNameSchema.optional(),
  group: groupSchema.optional(),
  role: roleSchema.optional().meta({
    description: 'A display unless set; the show watches what displays report, and no others',
  }),
  token: token.optional().meta({ description: 'Allows this connection to control the show' }),
  ref: ref.optional(),
});

export const controlMessageSchema = z.strictObject({
  type: z.literal('control'),
  control: controlSchema,
  token: token.optional(),
  ref: ref.optional(),
});

/** What a client may send on /stream, and as the events `hello`, `control` and `report` over Socket.IO. */
export const clientMessageSchema = z.discriminatedUnion('type', [
  helloSchema,
  controlMessageSchema,
  displayReportSchema,
]);

const referringSchema = z.object({ ref });

/** The `ref` of a message that is otherwise not of this protocol, so that the client can match the refusal. */
export function refOf(message: unknown): z.infer<typeof ref> | undefined {
  return referringSchema.safeParse(message).data?.ref;
}

export type Hello = z.infer<typeof helloSchema>;

/** The first message on /sound; binary messages of interleaved samples follow. */
export const soundHelloSchema = z.strictObject({
  type: z.literal('sound'),
  encoding: z.enum(['s16le', 'f32le']),
  rate: z.int().min(8000).max(192_000).meta({ description: 'Frames a second' }),
  channels: z.int().min(1).max(8),
  name: displayNameSchema.optional(),
  takeOver: z.boolean().optional().meta({ description: 'Replace the present feeder of sound' }),
  token: token.optional(),
});

export type SoundHello = z.infer<typeof soundHelloSchema>;
