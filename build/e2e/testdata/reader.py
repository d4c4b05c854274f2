"""Reads an event stream with Python's requests and prints each complete event as a line of JSON: id, event, data."""

import argparse
import json

import requests

parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("--last-event-id")
args = parser.parse_args()

headers = {"Accept": "text/event-stream"}
if args.last_event_id:
    headers["Last-Event-ID"] = args.last_event_id
with requests.get(args.url, headers=headers, stream=True, timeout=60) as answer:
    answer.raise_for_status()
    answer.encoding = "utf-8"
    event = {"id": "", "event": "", "data": []}
    for line in answer.iter_lines(chunk_size=None, decode_unicode=True):
        if line:
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "data":
                event["data"].append(value)
            elif field in event:
                event[field] = value
        elif event["data"]:
            print(json.dumps({**event, "data": "\n".join(event["data"])}), flush=True)
            event = {"id": event["id"], "event": "", "data": []}
