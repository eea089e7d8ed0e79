"""Tests a server against its OpenAPI description, as four kinds of users. The description must be valid, and the answers to thousands
of generated requests and sequences of requests must conform to it. hooks.py has the exceptions."""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

import openapi_spec_validator

from world import World

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
ACTORS = ["owner", "browser", "member", "guest"]

# Operations that cannot succeed for any actor, with the reason.
NEVER = {path: "the world is set up before the cases" for path in ("POST /api/v1/setup", "POST /api/v1/setup/check")}
NEVER |= {path: "only the command line makes such links" for path in ("POST /api/v1/reset", "POST /api/v1/reset/check")}
NEVER |= {"PUT /api/v1/files/{id}/parts/{n}": "no random bytes have the size of the part"}
NEVER |= {f"POST /api/v1/ops/jobs/{{job}}/{do}": "the server of the cases sends no e-mail" for do in ("retry", "discard")}
NEVER |= {"POST /api/v1/previews": "the pages of random URLs are not there"}
NEVER |= {"POST /api/v1/unsubscribe/{token}": "only an e-mail has such links"}


Result = collections.namedtuple("Result", "actor code printed counts excused seconds")


def serve(directory):
    """Starts a server on a free port. Returns the process, its URL, and the token of the setup link."""
    log = open(directory / "server.log", "w", encoding="utf-8")
    command = [ROOT / "bin/canteen", "serve", "--addr", "127.0.0.1:0", "--data", directory / "data", "--rate-limits=off"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    url = token = None
    while not token:
        line = server.stdout.readline()
        if not line:
            raise RuntimeError("the server did not start: " + (directory / "server.log").read_text())
        url = (re.search(r"serves (\S+)", line) or [None, url])[1]
        token = (re.search(r"#(\S+)", line) or [None, token])[1]
    return server, url.replace("localhost", "127.0.0.1"), token


def configuration(lists, args):
    """The configuration of schemathesis: all checks, and real ids for most parameters."""
    bind = lambda name, share=0.9: f'{{ dictionary = "{name}", probability = {share} }}'
    lines = [f"seed = {args.seed}", "continue-on-failure = true", "max-failures = 40", "request-timeout = 20"]
    lines += ["[checks]", "max_response_time = 10.0"]
    lines += ["[generation]", f"max-examples = {args.examples}", 'database = "none"']
    lines += ["[phases.stateful]", f"max-steps = {args.steps}", f"generation.max-examples = {args.sequences}"]
    lines += [f"[dictionaries.{name}]\nvalues = {json.dumps(values, ensure_ascii=False)}" for name, values in lists.items()]
    lines += ["[parameters]"]
    for key, name in {
        "path.room": "rooms", "path.user": "users", "path.seq": "seqs", "query.thread": "seqs", "query.since": "seqs",
        "header.If-None-Match": "etags", "body.members[*]": "people", "body.rooms[*]": "rooms", "body.seq": "seqs", "body.thread": "seqs",
        "path.alarm": "alarms", "body.invite": "secrets", "body.current": "passwords",
    }.items():
        lines.append(f'"{key}" = {bind(name)}')
    about = {f"DELETE /api/v1/{name}/{{id}}": name for name in ("invites", "tokens", "sessions", "files")}
    about |= {"GET /api/v1/files/{id}": "files", "GET /api/v1/emoji/pictures/{id}": "pictures"}
    uploads = "POST /api/v1/files/{id}/parts", "POST /api/v1/files/{id}/done", "PUT /api/v1/files/{id}/parts/{n}"
    about |= dict.fromkeys(uploads, "uploads")
    for operation, name in about.items():
        if lists[name]:
            lines += ["[[operations]]", f'include-name = "{operation}"', f'parameters = {{ "path.id" = {bind(name, 0.7)} }}']
    thumb = f'parameters = {{ "path.id" = {bind("files")}, "query.size" = {bind("sizes")} }}'
    lines += ["[[operations]]", 'include-name = "GET /api/v1/files/{id}/thumb"', thumb]
    series = f'parameters = {{ "query.name" = {bind("series")} }}'
    lines += ["[[operations]]", 'include-name = "GET /api/v1/ops/series"', series]
    for operation in ("DELETE /api/v1/rooms/{room}/hooks/{id}", "POST /api/v1/rooms/{room}/hooks/{id}/test"):
        place = f'parameters = {{ "path.room" = {bind("mine")}, "path.id" = {bind("hooks", 0.7)} }}'
        lines += ["[[operations]]", f'include-name = "{operation}"', place]
    for operation in (
        "GET /api/v1/bots/{bot}/rooms", "GET /api/v1/bots/{bot}/tokens", "POST /api/v1/bots/{bot}/tokens",
        "DELETE /api/v1/bots/{bot}/tokens/{id}",
    ):
        place = f'parameters = {{ "path.bot" = {bind("bot")}, "path.id" = {bind("bot_tokens", 0.7)} }}'
        lines += ["[[operations]]", f'include-name = "{operation}"', place]
    lines += ["[[operations]]", 'include-name = "PATCH /api/v1/bots/{bot}"', f'parameters = {{ "path.bot" = {bind("bots")} }}']
    lines += ["[[operations]]", 'include-name = "GET /api/v1/bots"', f'parameters = {{ "query.owner" = {bind("users")} }}']
    message = "/api/v1/rooms/{room}/messages/{seq}"
    parts = {"polls": ("PUT vote", "GET votes", "POST poll/close"), "confirmed": ("PUT confirmed", "GET confirmed")}
    for name, operations in parts.items():
        for method, path in (o.split() for o in operations):
            place = f'parameters = {{ "path.room" = {bind("general")}, "path.seq" = {bind(name)} }}'
            lines += ["[[operations]]", f'include-name = "{method} {message}/{path}"', place]
    known = f'parameters = {{ "body.email" = {bind("emails", 0.8)}, "body.password" = {bind("passwords", 0.8)} }}'
    lines += ["[[operations]]", 'include-name = "POST /api/v1/session"', known]
    return "\n".join(lines) + "\n"


def test(actor, args):
    """Runs all phases for one actor on a new server. Returns the Result."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="canteen-contract-") as name:
        directory = pathlib.Path(name)
        server, url, token = serve(directory)
        try:
            world = World(url, actor).build(token)
            world.save(directory / "world.json")
            (directory / "schemathesis.toml").write_text(configuration(world.lists, args), encoding="utf-8")
            env = os.environ | {
                "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1", "CONTRACT_WORLD": str(directory / "world.json"),
                "CONTRACT_COUNTS": str(directory / "counts.json"), "NO_PROXY": "127.0.0.1",
            }
            command = [pathlib.Path(sys.executable).parent / "schemathesis", "--config-file", directory / "schemathesis.toml", "run", url + "/api/openapi.json", "--no-color"]
            run = subprocess.run(command, env=env, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            counts, excused = collections.Counter(), collections.Counter()
            if (directory / "counts.json").exists():
                said = json.loads((directory / "counts.json").read_text())
                counts.update({(label, status): n for label, status, n in said["cases"]})
                excused.update(said["excused"])
            log = (directory / "server.log").read_text()
        finally:
            server.send_signal(signal.SIGTERM)
            stopped = server.wait(30)
    code = run.returncode or (stopped and 1) or ("level=ERROR" in log and 1) or 0
    tail = "\n".join(line for line in log.splitlines() if "level=ERROR" in line)
    return Result(actor, code, run.stdout + tail, counts, excused, time.monotonic() - began)


def validate():
    description = json.loads(subprocess.run([ROOT / "bin/canteen", "openapi"], check=True, stdout=subprocess.PIPE).stdout)
    openapi_spec_validator.validate(description)
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            lacking = [k for k in ("summary", "description", "operationId", "tags") if not operation.get(k)]
            if lacking:
                raise SystemExit(f"{method.upper()} {path} lacks {', '.join(lacking)}")
    return description


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=int(os.environ.get("CONTRACT_SEED") or time.time()))
    parser.add_argument("--examples", type=int, default=8, help="generated requests per operation")
    parser.add_argument("--sequences", type=int, default=60, help="number of sequences of dependent requests")
    parser.add_argument("--steps", type=int, default=10, help="maximum length of a sequence")
    parser.add_argument("--only", choices=ACTORS)
    args = parser.parse_args()
    description = validate()
    print(f"the description is valid OpenAPI {description['openapi']}; seed {args.seed}", flush=True)
    total, excused, failed = collections.Counter(), collections.Counter(), []
    actors = [args.only] if args.only else ACTORS
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for r in pool.map(lambda a: test(a, args), actors):
            total.update(r.counts)
            excused.update(r.excused)
            print(f"{r.actor}: {sum(r.counts.values())} cases in {r.seconds:.0f} s, {'FAILED' if r.code else 'nothing found'}", flush=True)
            if r.code:
                failed.append(r.actor)
            if r.code or args.only:
                print(r.printed)
    rest = summarise(description, total, len(actors) == len(ACTORS))
    for why, n in sorted(excused.items()):
        print(f"{n:5} × well-formed but refused: {why}")
    print(f"{sum(total.values())} cases; repeat with --seed {args.seed}")
    if pathlib.Path(".test").is_dir():  # for the tally of make test
        found = {"passed": len(actors) - len(failed) + (not rest), "failed": len(failed) + bool(rest), "skipped": 0, "note": f"{sum(total.values())} cases"}
        pathlib.Path(".test/contract.contract.json").write_text(json.dumps(found))
    return 1 if failed or rest else 0


def summarise(description, total, whole):
    """Prints the statuses of each operation. Returns the operations that should have succeeded at least once but did not."""
    never = []
    for path, methods in description["paths"].items():
        for method in methods:
            label = f"{method.upper()} {path}"
            by = collections.Counter({status: n for (operation, status), n in total.items() if operation == label})
            done = sum(n for status, n in by.items() if status < 300)
            statuses = " ".join(f"{status}×{n}" for status, n in sorted(by.items()))
            print(f"{100 * done // max(1, sum(by.values())):3} % 2xx  {label.replace('/api/v1', ''):62} {statuses}")
            if not done and label not in NEVER:
                never.append(label)
    if never and whole:
        print("never succeeded: " + ", ".join(never))
    return never if whole else []


if __name__ == "__main__":
    sys.exit(main())
