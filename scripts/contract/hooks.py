"""Hooks for schemathesis: the credentials of requests, the named string formats, the well-formed requests that Canteen may refuse,
and the counts."""

import atexit
import base64
import collections
import json
import os
import string

import schemathesis
from hypothesis import strategies as st
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import AllowHeaderMismatch, RejectedPositiveData, UnsupportedMethodResponse, UseAfterFree

from world import EMOJI, World

world = World.load(os.environ["CONTRACT_WORLD"])
counts, excused = collections.Counter(), collections.Counter()

# Formats with rules that no pattern can express: at least one visible character, no invisible one, a password that is hard to guess.
visible = st.sampled_from(string.ascii_letters + string.digits + "äßπжא漢🎉")
plain = st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"], exclude_characters="@")
anything = st.characters(codec="utf-8", exclude_characters="\x00@")


def text(alphabet, *limits):
    """Texts with a visible character. Some have the maximum length; fields with a lower limit filter them out."""
    short = st.builds(lambda a, b, c: b[: len(b) // 2] + a + b[len(b) // 2 :] + c, visible, st.text(alphabet, max_size=60), st.sampled_from(["", "x"]))
    return st.one_of(short, short, short, st.sampled_from(limits).flatmap(lambda n: st.builds(lambda a, b: a + "x" * (n - 2) + b, visible, visible)))


schemathesis.openapi.format("line", text(plain, 80, 100, 250))
schemathesis.openapi.format("name", text(plain, 80))
schemathesis.openapi.format("text", text(anything, 200, 20_000))
schemathesis.openapi.format("about", st.one_of(st.just(""), text(anything, 200, 1000)))
schemathesis.openapi.format("room-name", st.text("abcxyz019-_äßжא漢", min_size=1, max_size=80))
schemathesis.openapi.format("emoji", st.sampled_from(EMOJI))
schemathesis.openapi.format("base64", st.binary(max_size=80).map(lambda b: base64.b64encode(b).decode()))
schemathesis.openapi.format("time-zone", st.sampled_from(["Europe/Berlin", "UTC", "America/New_York", "Asia/Tokyo"]))
schemathesis.openapi.format("password", st.uuids().map(lambda u: u.hex * (8 if u.int % 4 == 0 else 1)))


@schemathesis.auth(refresh_interval=None)
class Actor:
    def get(self, case, ctx):
        return {"headers": dict(world.headers), "cookies": dict(world.cookies)}

    def set(self, case, data, ctx):
        case.headers = {**(case.headers or {}), **data["headers"]}
        case.cookies = {**(case.cookies or {}), **data["cookies"]}


# Examples of the description are replaced by real values. None: the example is removed, because repeating it is refused or has no
# effect.
EXAMPLES = {
    "room": "rooms", "user": "users", "seq": "seqs", "thread": "seqs", "since": "seqs", "members": "people", "rooms": "rooms", "invite": "secrets",
    "current": "passwords", "If-None-Match": "etags", "client_id": None, "handle": None, "email": None, "name": None, "until": None,
}


def some(values):
    return list(dict.fromkeys(values))[:3]


@schemathesis.hook
def before_load_schema(context, raw_schema):
    for path, methods in raw_schema["paths"].items():
        ids = world.lists.get(path.split("/")[-2]) if path.endswith("/{id}") else None
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                parameter.pop("example", None)
                parameter["schema"].pop("examples", None)
                if values := ids or world.lists.get(EXAMPLES.get(parameter["name"]) or ""):
                    parameter["examples"] = {str(i): {"value": v} for i, v in enumerate(some(values))}
    for schema in raw_schema["components"]["schemas"].values():
        for name, field in schema.get("properties", {}).items():
            if name in EXAMPLES:
                field.pop("examples", None)
                if values := world.lists.get(EXAMPLES[name] or ""):
                    field.get("items", field)["examples"] = some(values)


@schemathesis.hook
def before_call(context, case, kwargs):
    if len(world.dirty) > 0 and sum(counts.values()) % 5 == 0:
        world.heal()
    if case.operation.label == "PATCH /api/v1/users/{user}" and case.path_parameters.get("user") == world.users["ada"]:
        case.path_parameters["user"] = world.users["ben"]  # ada is needed to repair the world
    if case.operation.label == "DELETE /api/v1/sessions/{id}" and case.path_parameters.get("id") in world.lists["sessions"]:
        case.path_parameters["id"] = world.other_session() or case.path_parameters["id"]  # one case may end all there were at first


@schemathesis.hook
def after_call(context, case, response):
    label, status = case.operation.label, response.status_code
    counts[label, status] += 1
    sent = response.request.headers
    ours = world.headers.get("Authorization") == sent.get("Authorization") if world.headers else f"canteen={world.cookies['canteen']}" in sent.get("Cookie", "")
    if ours and (status == 401 and not label.endswith("/session") or status == 204 and label == "DELETE /api/v1/session"):
        world.authenticate()
    if status >= 300:
        return
    path = case.path_parameters or {}
    if label in ("PATCH /api/v1/rooms/{room}", "DELETE /api/v1/rooms/{room}/members/{user}", "PUT /api/v1/rooms/{room}/members/{user}"):
        world.dirty.add(("room", path["room"]))
    if label == "PATCH /api/v1/users/{user}":
        world.dirty.add(("user", path["user"]))
    if ours and label in ("POST /api/v1/me/password", "DELETE /api/v1/sessions"):
        world.renewed(response)
    if label == "POST /api/v1/me/password":
        world.password_changed(case.body["new"])


# Well-formed requests that may be refused, because of a rule that the format of a single field cannot express. The key is operation,
# status and field.
REFUSED = {
    ("POST /api/v1/rooms", 400, "name"): "required for public and private rooms, not allowed for direct rooms",
    ("POST /api/v1/rooms", 400, "topic"): "not allowed for direct rooms",
    ("POST /api/v1/rooms", 400, "members"): "every id must be that of an active, visible user; at most 10 in direct rooms",
    ("GET /api/v1/rooms", 400, "q"): "needs browse=true",
    ("GET /api/v1/rooms", 400, "after"): "needs browse=true",
    ("GET /api/v1/rooms", 400, "limit"): "needs browse=true",
    ("GET /api/v1/rooms/{room}/messages", 400, "after"): "at most one of before, after, around, at",
    ("GET /api/v1/rooms/{room}/messages", 400, "around"): "at most one of before, after, around, at",
    ("GET /api/v1/rooms/{room}/messages", 400, "at"): "at most one of before, after, around, at",
    ("GET /api/v1/rooms/{room}/messages", 400, "thread"): "must be a root, not a reply",
    ("POST /api/v1/rooms/{room}/messages", 400, "thread"): "must be a root, not a reply",
    ("POST /api/v1/rooms/{room}/messages", 400, "also_in_room"): "needs thread",
    ("POST /api/v1/rooms/{room}/messages", 400, "text"): "needed unless there is another part",
    ("POST /api/v1/rooms/{room}/messages", 400, "forward"): "must be no system message",
    ("POST /api/v1/rooms/{room}/messages", 400, "poll.question"): "something visible",
    ("POST /api/v1/rooms/{room}/messages", 400, "poll.options"): "each has one line, and is unlike the others",
    ("POST /api/v1/rooms/{room}/messages", 400, "poll.closes_at"): "must be within the next 366 days",
    ("POST /api/v1/rooms/{room}/messages", 400, "stream"): "with text and files alone",
    ("PATCH /api/v1/rooms/{room}/messages/{seq}", 400, "done"): "with text alone",
    ("POST /api/v1/rooms/{room}/messages", 400, "cards"): "at most 32 kB in all, none of them empty",
    ("PATCH /api/v1/rooms/{room}/messages/{seq}", 400, "cards"): "at most 32 kB in all, none of them empty",
    ("PUT /api/v1/rooms/{room}/messages/{seq}/vote", 400, "options"): "must be options of the poll; one, unless it is for several",
    ("POST /api/v1/rooms/{room}/messages", 400, "files"): "each file once",
    ("POST /api/v1/rooms/{room}/messages", 404, "files"): "must be files of the user that are there",
    ("POST /api/v1/files", 400, "size"): "at most the largest file",
    ("POST /api/v1/files/{id}/parts", 400, "parts"): "must be parts of the file",
    ("PUT /api/v1/files/{id}/parts/{n}", 400, None): "must have the size of the part",
    ("POST /api/v1/files/{id}/done", 400, "waveform"): "has 64 bytes",
    ("POST /api/v1/files/{id}/done", 400, "poster"): "must be a picture",
    ("POST /api/v1/files/{id}/done", 400, "sha256"): "must be the digest of the file",
    ("PUT /api/v1/files/{id}/parts/{n}", 400, "Content-Digest"): "must hold a SHA-256 in Base64",
    ("POST /api/v1/previews", 400, "url"): "must be an http or https URL with a host",
    ("POST /api/v1/rooms/{room}/messages", 400, "confirm"): "not for replies",
    ("PATCH /api/v1/rooms/{room}", 400, "confirm"): "must be the room's name where a private room becomes public",
    ("PATCH /api/v1/workspace", 400, "call_url"): "must be an https address with {room} behind its host",
    ("PATCH /api/v1/workspace", 400, "feedback_room"): "must be a room that one sees, not archived, not a conversation",
    ("POST /api/v1/feedback", 400, "text"): "needed unless there are files",
    ("POST /api/v1/feedback", 400, "files"): "each file once",
    ("POST /api/v1/feedback", 404, "files"): "must be files of the user that are there",
    ("GET /api/v1/feedback", 400, "cursor"): "must be the next of an earlier answer",
    ("GET /api/v1/audit", 400, "cursor"): "must be the next of an earlier answer",
    ("GET /api/v1/audit/export", 400, "cursor"): "must be the next of an earlier answer",
    ("GET /api/v1/me/feedback", 400, "cursor"): "must be the next of an earlier answer",
    ("GET /api/v1/ops/series", 400, "name"): "must be names of series, at most 24",
    ("GET /api/v1/ops/series", 400, "from"): "must be before to",
    ("PUT /api/v1/ops/silences/{alarm}", 400, "until"): "must be within the next 30 days",
    ("POST /api/v1/vitals", 400, "vitals.seconds"): "more than 0, and only of what takes a time",
    ("POST /api/v1/vitals", 400, "vitals.at"): "a place in a script of the client, and only of an error",
    ("PATCH /api/v1/users/{user}", 400, "role"): "a bot cannot own the workspace, and one of somebody is always a guest",
    ("POST /api/v1/bots", 409, None): "at most 10 active bots of a person, and 30 in all",
    ("PATCH /api/v1/bots/{bot}", 409, "deactivated"): "its owner must be active, and have fewer than 10 active bots",
    ("POST /api/v1/bots/{bot}/tokens", 400, "password"): "must be the present password",
    ("POST /api/v1/bots/{bot}/tokens", 409, "deactivated"): "the bot must be active",
    ("PATCH /api/v1/rooms/{room}/me", 400, "greet"): "only false",
    ("PUT /api/v1/rooms/{room}/read", 400, "seq"): "must be at most the room's last_seq",
    ("PUT /api/v1/rooms/{room}/threads/{seq}/read", 400, "seq"): "must be at most the room's last_seq",
    ("GET /api/v1/threads", 400, "cursor"): "must be the next of an earlier answer",
    ("GET /api/v1/inbox", 400, "cursor"): "must be the next of an earlier answer",
    ("PUT /api/v1/inbox/cleared", 400, "key"): "key or before is needed",
    ("PATCH /api/v1/me", 400, "settings.attention.quiet.schedule.days"): "one day at least",
    ("PATCH /api/v1/me", 400, "settings.sections"): "every section has a name and an id of its own",
    ("PATCH /api/v1/me", 409, "settings.sections"): "the sections are not those on which the change rests",
    ("PATCH /api/v1/me", 400, "settings.attention.keywords"): "every keyword has 2 to 40 characters, a letter or a digit among them",
    ("POST /api/v1/emoji", 400, "name"): "must be no shortcode of a standard emoji",
    ("POST /api/v1/emoji", 400, "file"): "must be a picture that can be decoded; with alias_of there is none",
    ("POST /api/v1/emoji", 400, "alias_of"): "must be the name of a custom emoji; with a file there is none",
    ("POST /api/v1/emoji", 409, "name"): "must be no other emoji's, and never have been",
    ("PATCH /api/v1/emoji/{name}", 400, "name"): "must be no shortcode of a standard emoji",
    ("POST /api/v1/invites", 400, "rooms"): "every id must be that of a room of the user; invites of guests need one",
    ("POST /api/v1/invites", 400, "max_uses"): "must be 1 for an invite with an e-mail address",
    ("POST /api/v1/me/password", 400, "current"): "must be the present password",
    ("POST /api/v1/tokens", 400, "password"): "must be the present password",
    ("PATCH /api/v1/me", 400, "status.until"): "must be between the years 2000 and 9000",
    ("PATCH /api/v1/me", 400, "settings.attention.quiet.until"): "must be between the years 2000 and 9000",
    ("POST /api/v1/signup", 400, "email"): "required if the invite has none",
    ("POST /api/v1/session", 400, "password"): "at most 256 bytes; the description can only limit characters",
}
# A browser that opens this path gets a page. The description has what programs do with it.
PAGE = "/api/v1/unsubscribe/{token}"
GONE = "depends on the state: a revision of the future, or a message that was deleted"


@schemathesis.hook
def filter_failure(context, failure, case, response):
    label = case.operation.label
    if isinstance(failure, RejectedPositiveData):
        key = (label, response.status_code, response.json().get("field"))
        why = GONE if response.status_code == 410 else REFUSED.get(key)
        excused.update([f"{label} {key[2] or ''}: {why}"] if why else [])
        return not why
    if isinstance(failure, (UnsupportedMethodResponse, AllowHeaderMismatch)):
        return not label.endswith(PAGE)
    if isinstance(failure, AcceptedNegativeData):
        # A body that is too large is refused before it is read. An empty description or welcome is right, but Schemathesis knows only
        # examples of that format, and takes an empty one for wrong.
        empty = label == "PATCH /api/v1/rooms/{room}/about" and isinstance(case.body, dict) and "" in case.body.values()
        return response.status_code != 413 and not empty
    if isinstance(failure, UseAfterFree):
        # A deleted message leaves a tombstone, and removing a reaction leaves the message: both can be read afterwards.
        return "/messages/" not in label
    return True


@atexit.register
def report():
    with open(os.environ["CONTRACT_COUNTS"], "w", encoding="utf-8") as f:
        json.dump({"cases": [[label, status, n] for (label, status), n in counts.items()], "excused": excused}, f)
