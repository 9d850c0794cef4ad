import { z } from 'zod';
import { controlSchema } from '../../../streams/program/index.ts';
import { clientMessageSchema, soundHelloSchema } from './client-message.ts';
import { renditionSchema } from './rendition.ts';
import { replySchema } from './reply.ts';
import { showMessageSchema } from './show-message.ts';

type JsonSchema = Record<string, unknown>;

const SCHEMAS = {
  ShowMessage: showMessageSchema,
  Reply: replySchema,
  ClientMessage: clientMessageSchema,
  SoundHello: soundHelloSchema,
  Control: controlSchema,
  Rendition: renditionSchema,
} as const;

export type SchemaName = keyof typeof SCHEMAS;

/** The schemas of every message by name, in the given draft of JSON Schema, as a client has to write or read them. */
export function jsonSchemas(target: 'draft-2020-12' | 'draft-7'): Record<SchemaName, JsonSchema> {
  const entries = Object.entries(SCHEMAS).map(([name, schema]) => {
    const made: JsonSchema = { ...z.toJSONSchema(schema, { target }) };
    delete made['$schema'];
    return [name, made];
  });
  return Object.fromEntries(entries) as Record<SchemaName, JsonSchema>;
}

/** What /schema.json serves: every text that the server sends on /stream is valid against its root. */
export function publishedSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:synesthete:push:1',
    title: 'Synesthete push protocol, version 1',
    anyOf: [{ $ref: '#/$defs/ShowMessage' }, { $ref: '#/$defs/Reply' }],
    $defs: jsonSchemas('draft-2020-12'),
  };
}
