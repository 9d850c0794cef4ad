"""Follows a show as an installation would: prints the states of a group, then asks for the next picture."""
import asyncio
import json
import sys

import websockets


async def main(url):
    async with websockets.connect(url + '?group=1&name=python') as socket:
        first = json.loads(await socket.recv())
        print(json.dumps(first), flush=True)
        await socket.send(json.dumps({'type': 'control', 'control': {'control': 'next'}, 'ref': 7}))
        seen = []
        while len(seen) < 2:
            seen.append(json.loads(await socket.recv()))
        print(json.dumps(sorted(seen, key=lambda message: 'seq' in message)), flush=True)


asyncio.run(main(sys.argv[1]))
