"""The peer of `kassa bench chain`: a hub that posts each message by itself with httpx, as small gateways do.

Started as a child process with its settings in the environment; it does what a hub must for one message at a time, and
nothing that our hub does beyond that: no spool, no news, no batches.
"""

from __future__ import annotations

import os
import time

import httpx
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

_KINDS = ("ask", "tell")


def main() -> None:
    """Serve until killed."""
    backend = httpx.Client(
        base_url=os.environ["KASSA_HUB_BACKEND_URL"],
        headers={"Authorization": f"Bearer {os.environ['KASSA_HUB_CREDENTIAL']}"},
        timeout=10,
    )

    def connected(client: mqtt.Client, *_rest: object) -> None:
        client.subscribe([(f"kassa/1/+/{kind}", 1) for kind in _KINDS])

    def message(client: mqtt.Client, _userdata: object, received: mqtt.MQTTMessage) -> None:
        _, _, terminal, kind = received.topic.split("/")
        item = {"terminal": terminal, "received_at": time.time_ns() // 1_000_000, "jws": received.payload.decode()}
        answer = backend.post(f"/v1/hub/{kind}s", json={"items": [item]}).json()["items"][0]
        if "jws" in answer:
            client.publish(f"kassa/1/{terminal}/answer", answer["jws"], qos=1)

    user = os.environ["KASSA_HUB_BROKER_USER"]
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=user)
    client.username_pw_set(user, os.environ["KASSA_HUB_BROKER_PASSWORD"])
    client.on_connect = connected
    client.on_message = message
    client.connect("127.0.0.1", int(os.environ["KASSA_HUB_BROKER_URL"].rpartition(":")[2]))
    client.loop_forever()


if __name__ == "__main__":
    main()
