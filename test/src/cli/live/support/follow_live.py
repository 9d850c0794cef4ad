"""Follows a running show as an installation would: asks for the next picture, waits until it is heard and felt."""
import asyncio
import json
import sys

import websockets


async def main(url):
    async with websockets.connect(url + '?name=python') as socket:
        state = json.loads(await socket.recv())
        first = state['show']['image']['id']
        await socket.send(json.dumps({'type': 'control', 'control': {'control': 'next'}, 'ref': 7}))
        reply = None
        while reply is None or state['show']['image']['id'] == first or not state['mood']['confidence'] or state['level']['rms'] < 0.01:
            message = json.loads(await socket.recv())
            if 'seq' in message:
                state = message
            else:
                reply = message
        print(json.dumps({
            'first': first,
            'reply': reply,
            'next': state['show']['image']['id'],
            'rms': state['level']['rms'],
            'confidence': state['mood']['confidence'],
        }))


asyncio.run(main(sys.argv[1]))
