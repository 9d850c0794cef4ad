import { CLOSE_CODES } from './reply.ts';
import { jsonSchemas, type SchemaName } from './schemas.ts';

const MESSAGES: Readonly<Record<string, { schema: SchemaName; summary: string }>> = {
  show: { schema: 'ShowMessage', summary: 'The whole state of the show' },
  reply: { schema: 'Reply', summary: 'The answer to a message of this client' },
  client: {
    schema: 'ClientMessage',
    summary: 'What a client is and is called, what a display shows, or a control',
  },
  soundHello: { schema: 'SoundHello', summary: 'How the samples that follow are written' },
};

/** Stands for the server until its address is known. */
const SERVER = 'SERVER';

/**
 * The AsyncAPI 3.0 document of the protocol, as JSON.
 *
 * @returns what gives it for the address by which a client reaches the server
 */
export function asyncApiText(version: string): (address: URL) => string {
  const [before, after] = JSON.stringify(asyncApiDocument(version)).split(JSON.stringify(SERVER)) as [
    string,
    string,
  ];
  return ({ host, pathname, protocol }) => {
    const server = {
      host,
      protocol: protocol === 'https:' ? 'wss' : 'ws',
      ...(pathname !== '/' && { pathname: pathname.slice(0, -1) }),
    };
    return before + JSON.stringify(server) + after;
  };
}

function asyncApiDocument(version: string): Record<string, unknown> {
  const messages = Object.entries(MESSAGES).map(([name, { schema, summary }]): [string, object] => [
    name,
    { name, summary, contentType: 'application/json', payload: { $ref: `#/components/schemas/${schema}` } },
  ]);
  const codes = Object.entries(CLOSE_CODES).map(([name, code]) => `${code} ${name}`);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Synesthete',
      version,
      description:
        'Push protocol, version 1. Every state is whole: a display that missed any number of them is right after the ' +
        `next one. Close codes: ${codes.join(', ')}; 1003 for the wrong kind of message, 1009 for one too large. ` +
        'Socket.IO at /socket.io carries the same: states as the event `show`, and `hello`, `control` and `report` with ' +
        'an acknowledgement.',
    },
    defaultContentType: 'application/json',
    servers: { show: SERVER },
    channels: {
      stream: {
        address: '/stream',
        description: 'States as JSON text; the last one at once. ?group= and ?name= say the same as a hello.',
        messages: channelMessages('show', 'reply', 'client'),
      },
      sound: {
        address: '/sound',
        description:
          'A hello as JSON text, then binary messages of whole or torn frames of interleaved samples.',
        messages: {
          ...channelMessages('reply', 'soundHello'),
          samples: { $ref: '#/components/messages/samples' },
        },
      },
    },
    operations: {
      pushStates: operation('send', 'stream', 'show'),
      answer: operation('send', 'stream', 'reply'),
      hear: operation('receive', 'stream', 'client'),
      beginSound: operation('receive', 'sound', 'soundHello'),
      takeSound: operation('receive', 'sound', 'samples'),
      answerSound: operation('send', 'sound', 'reply'),
    },
    components: {
      messages: {
        ...Object.fromEntries(messages),
        samples: {
          name: 'samples',
          summary: 'PCM as the hello said',
          contentType: 'application/octet-stream',
          payload: { type: 'string', format: 'binary' },
        },
      },
      schemas: jsonSchemas('draft-7'),
    },
  };
}

function channelMessages(...names: string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }]));
}

function operation(action: 'send' | 'receive', channel: string, message: string): Record<string, unknown> {
  return {
    action,
    channel: { $ref: `#/channels/${channel}` },
    messages: [{ $ref: `#/channels/${channel}/messages/${message}` }],
  };
}
