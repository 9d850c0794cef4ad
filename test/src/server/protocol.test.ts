import { Ajv2020 } from 'ajv/dist/2020.js';
import { Ajv, type AnySchema } from 'ajv';
import specs from '@asyncapi/specs';
import t, { type Test } from 'tap';
import { controlMessageSchema } from '../../../src/server/protocol/index.ts';
import { Client } from './support/client.ts';
import { stateOf } from './support/fake-show.ts';
import { serve } from './support/serve.ts';

t.test('what is sent is valid against the schema that is served', async (t) => {
  const { show, at } = await serve(t);
  const schema = (await (await fetch(`http://${at}/schema.json`)).json()) as object;
  const validate = new Ajv2020().compile(schema);
  const display = await Client.open(`ws://${at}/stream`);
  show.states.next(stateOf('a'));
  show.states.next({ ...stateOf(null, []), show: { ...stateOf(null).show, state: 'idle' } });
  display.send({ type: 'control', control: { control: 'next' }, ref: 1 });
  display.send({ type: 'control', control: { control: 'hold' }, ref: 2 });
  await display.message((message) => message['ok'] === false);
  t.equal(display.messages.length, 4);
  for (const message of display.messages) {
    t.ok(validate(message), JSON.stringify([message, validate.errors]));
  }
  t.notOk(validate({ ...(display.messages[0] as object), extra: 1 }), 'and another message is not');
});

t.test('the schema of what clients send agrees with what is accepted', async (t) => {
  const { at } = await serve(t);
  const schema = (await (await fetch(`http://${at}/schema.json`)).json()) as object;
  const ajv = new Ajv2020();
  ajv.addSchema(schema);
  const validate = ajv.getSchema('urn:synesthete:push:1#/$defs/ClientMessage')!;
  const messages: [object, boolean][] = [
    [{ type: 'control', control: { control: 'pin', image: null } }, true],
    [
      { type: 'control', control: { control: 'dwell', minimumSeconds: 1, maximumSeconds: 5 }, ref: 'x' },
      true,
    ],
    [{ type: 'control', control: { control: 'pin' } }, false],
    [{ type: 'control', control: { control: 'mood', image: 'a', valence: 0.5, arousal: null } }, true],
    [{ type: 'control', control: { control: 'mood', image: 'a', valence: 1.5, arousal: null } }, false],
    [{ type: 'control', control: { control: 'mood', image: 'a', valence: 0.5 } }, false],
    [{ type: 'control', control: { control: 'mood-undo' } }, true],
    [{ type: 'control', control: { control: 'sensitivity', value: 2 } }, false],
    [{ type: 'control', control: { control: 'explode' } }, false],
  ];
  for (const [message, valid] of messages) {
    t.equal(validate(message), valid, JSON.stringify(message));
    t.equal(controlMessageSchema.safeParse(message).success, valid);
  }
});

t.test('the AsyncAPI document is one, and every reference in it leads somewhere', async (t) => {
  const { at } = await serve(t);
  const document = (await (await fetch(`http://${at}/asyncapi.json`)).json()) as Record<string, unknown>;
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(
    specs.schemasWithoutId['3.0.0'] as AnySchema,
  );
  t.ok(validate(document), JSON.stringify(validate.errors?.slice(0, 3)));
  t.notOk(validate({ ...document, channels: 1 }));
  t.strictSame(document['servers'], { show: { host: at, protocol: 'ws' } });
  leadSomewhere(t, document);
});

t.test('the OpenAPI document has every route, and its schemas are schemas', async (t) => {
  const { at } = await serve(t);
  const document = (await (await fetch(`http://${at}/openapi.json`)).json()) as {
    servers: unknown;
    paths: Record<string, Record<string, { requestBody?: { content: object } }>>;
    components: { schemas: Record<string, object> };
  };
  t.strictSame(document.servers, [{ url: `http://${at}` }]);
  leadSomewhere(t, document);
  for (const schema of Object.values(document.components.schemas)) new Ajv2020().compile(schema);
  t.ok(Object.keys(document.paths).length > 10);
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { requestBody }] of Object.entries(methods)) {
      if (method === 'parameters') continue;
      const type = Object.keys(requestBody?.content ?? {})[0];
      const { status } = await fetch(`http://${at}${path.replace('{id}', 'nothing')}`, {
        method: method.toUpperCase(),
        ...(type !== undefined && { headers: { 'content-type': type }, body: '' }),
      });
      // That one must be asked for a size.
      const ofPicture = path === '/api/renditions/{id}' ? [400] : [404];
      const expected = path.endsWith('{id}') ? ofPicture : type === undefined ? [200] : [400, 409];
      t.ok(expected.includes(status), `${method} ${path}: ${status}`);
    }
  }
  t.match(document.paths['/api/gallery'], {
    get: { parameters: [{ name: 'offset' }, { name: 'limit' }, { name: 'bank' }] },
  });
  t.match(document.paths['/api/control'], { post: { security: [{ token: [] }, {}] } });
});

/** Every reference in a document does. */
function leadSomewhere(t: Test, document: object): void {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!);
  t.ok(references.length > 10);
  for (const path of references) {
    const found = path
      .split('/')
      .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);
    t.ok(found, path);
  }
}
