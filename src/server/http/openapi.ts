import { z } from 'zod';
import { jsonSchemas, type SchemaName } from '../protocol/index.ts';
import type { Route } from './route-table.ts';

/** Stands for the address of the server until it is known. */
const SERVER = 'SERVER';

/**
 * The OpenAPI 3.1 document of the routes, as JSON.
 *
 * @returns what gives it for the address by which a client reaches the server
 */
export function openApiText(
  version: string,
  routes: ReadonlyMap<string, readonly Route[]>,
): (address: URL) => string {
  const document = JSON.stringify(openApiDocument(version, routes));
  const [before, after] = document.split(JSON.stringify(SERVER)) as [string, string];
  return ({ href }) => before + JSON.stringify(href.replace(/\/$/, '')) + after;
}

function openApiDocument(
  version: string,
  routes: ReadonlyMap<string, readonly Route[]>,
): Record<string, unknown> {
  const paths = [...routes].map(([path, of]): [string, object] => {
    const isPrefix = of[0]!.prefix === true;
    const parameters = isPrefix
      ? { parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }] }
      : {};
    const methods = of.map((route): [string, object] => [route.method.toLowerCase(), operation(route)]);
    return [isPrefix ? `${path}{id}` : path, { ...parameters, ...Object.fromEntries(methods) }];
  });
  return {
    openapi: '3.1.0',
    info: {
      title: 'Synesthete',
      version,
      description: 'What is asked once. /asyncapi.json describes what is streamed.',
    },
    servers: [{ url: SERVER }],
    paths: Object.fromEntries(paths),
    components: {
      schemas: jsonSchemas('draft-2020-12'),
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'The control token' } },
    },
  };
}

function operation({ summary, type = 'application/json', query, body, schema, control }: Route): object {
  return {
    summary,
    ...(query !== undefined && { parameters: queryParameters(query) }),
    ...(body !== undefined && {
      requestBody: { required: true, content: { [body.type]: { schema: reference(body.schema) } } },
    }),
    // Where the show has no token, none is needed.
    ...(control === true && { security: [{ token: [] }, {}] }),
    responses: {
      200: { description: summary, content: { [type]: { schema: reference(schema) } } },
      default: {
        description: 'A refusal, with its code and one line for people',
        content: { 'application/json': { schema: reference('Reply') } },
      },
    },
  };
}

function queryParameters(query: z.ZodObject): object[] {
  const { properties = {} } = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', schema }));
}

/** @returns the schema that takes anything, where there is none */
function reference(schema: SchemaName | undefined): object {
  return schema === undefined ? {} : { $ref: `#/components/schemas/${schema}` };
}
