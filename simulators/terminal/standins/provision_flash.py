"""Runs on MicroPython: mounts a flash image and writes what stands on standard input as one JSON line."""

import json
import sys

import flashfile

CONFIG = "/flash/config.json"


def main():
    order = json.loads(sys.stdin.readline())
    flashfile.mount("/flash")
    if "config" in order:
        config = order["config"]
        write_keys(order)
    else:
        with open(CONFIG) as file:
            config = json.load(file)
        config["broker"] = order["broker"]
    with open(CONFIG, "w") as file:
        json.dump(config, file)
    print("provisioned")


def write_keys(order):
    from shell import keystore

    keystore.load_initial_key("/flash", bytes.fromhex(order["initial_key"]), bytes.fromhex(order["ikid"]))


main()
