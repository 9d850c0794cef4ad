"""Follows a show over Socket.IO, and asks for the next picture: pip install "python-socketio[asyncio_client]",
or apt-get install python3-socketio python3-aiohttp."""

import asyncio
import sys

import socketio

client = socketio.AsyncClient()
shown = None


@client.event
async def connect():
    reply = await client.call("hello", {"name": "python", "role": "listener"})
    print("hello:", "may control" if reply.get("control") else "may look", flush=True)
    reply = await client.call("control", {"control": {"control": "next"}})
    print("next:", "done" if reply["ok"] else reply["error"]["message"], flush=True)


@client.event
async def show(message):
    global shown
    image, mood = message["show"]["image"], message["mood"]
    if image and image["id"] != shown:
        shown = image["id"]
        print(f"{shown} valence {mood['valence']:.2f} arousal {mood['arousal']:.2f}", flush=True)


async def main(address):
    await client.connect(address)
    await client.wait()


asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8090"))
