import { WebSocket } from 'ws';

/* A display in a process of its own: prints the show's time of each message and its arrival, in ms since 1970. */

const socket = new WebSocket(process.argv[2]!);
socket.on('message', (data: Buffer) => {
  const receivedAtMs = performance.timeOrigin + performance.now();
  const { time } = JSON.parse(data.toString()) as { time?: number };
  if (time !== undefined) process.stdout.write(`${JSON.stringify([time, receivedAtMs])}\n`);
});
