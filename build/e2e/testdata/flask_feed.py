"""A feed as somebody else would write it, with Flask: endless, numbered, resumable.

Event n happens n intervals after the feed was born, whether this server runs or not: after an outage a reader that
says its Last-Event-ID gets what it missed, one that doesn't starts at now.
"""

import argparse
import json
import time

from flask import Flask, Response, request

parser = argparse.ArgumentParser()
parser.add_argument("port", type=int)
parser.add_argument("--born", type=float, required=True, help="seconds since 1970")
parser.add_argument("--interval", type=float, default=0.25, help="seconds")
args = parser.parse_args()
app = Flask(__name__)


def newest() -> int:
    return int((time.time() - args.born) / args.interval)


@app.get("/stream")
def stream() -> Response:
    last = request.headers.get("Last-Event-ID")
    first = int(last) + 1 if last else newest()

    def events():
        yield ": welcome\nretry: 500\n\n"
        n = first
        while True:
            while n <= newest():
                yield f"id: {n}\nevent: tick\ndata: {json.dumps({'n': n, 'text': f'Tick number {n}'})}\n\n"
                n += 1
            time.sleep(max(0.0, args.born + n * args.interval - time.time()))

    return Response(events(), mimetype="text/event-stream")


app.run(host="127.0.0.1", port=args.port, threaded=True)
