"""Follows a show over WebSocket, and asks for the next picture: pip install websockets, or apt-get install python3-websockets."""

import asyncio
import json
import sys

import websockets


async def follow(address):
    # It connects again by itself. The first message comes at once and holds the whole state.
    async for socket in websockets.connect(f"{address}/stream?name=python&role=listener"):
        try:
            await socket.send(json.dumps({"type": "control", "control": {"control": "next"}, "ref": 1}))
            shown = None
            async for text in socket:
                message = json.loads(text)
                if message.get("type") == "reply":
                    print("next:", "done" if message["ok"] else message["error"]["message"], flush=True)
                    continue
                image, mood = message["show"]["image"], message["mood"]
                if image and image["id"] != shown:
                    shown = image["id"]
                    print(f"{shown} valence {mood['valence']:.2f} arousal {mood['arousal']:.2f}", flush=True)
        except websockets.ConnectionClosed:
            continue


asyncio.run(follow(sys.argv[1] if len(sys.argv) > 1 else "ws://127.0.0.1:8090"))
