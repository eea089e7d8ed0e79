"""The test data for the OpenAPI description: users, rooms and messages, created through the API.

Cases deactivate users, archive rooms and end sessions. `World` repairs that as `ada`, an owner of the workspace whom no case changes,
so that most requests still concern active users and rooms of the user.
"""

import json
import re
import struct
import uuid
import zlib

import requests

PASSWORD = "a quiet place to eat"
EMOJI = ["🎉", "👍", "❤️", "😀", "🚀", "👋🏽", "🏳️‍🌈", "🇩🇪"]
ROLES = {"owner": "owner", "browser": "owner", "member": "member", "guest": "guest"}
OTHERS = {"ben": "member", "kim": "member", "zoe": "admin", "leo": "guest", "dee": "member"}  # dee is deactivated


def png(side):
    """A grey picture."""
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = zlib.compress((b"\0" + b"\x99" * side) * side)
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


class World:
    """A server with users. `actor` sends the cases: owner, member or guest with a token, or browser with a session cookie."""

    def __init__(self, url, actor):
        self.url, self.actor, self.role = url + "/api/v1", actor, ROLES[actor]
        self.http = requests.Session()
        self.http.trust_env = False
        self.users, self.rooms, self.roles = {}, {}, {}
        self.lists = {}
        self.dirty = set()
        self.headers, self.cookies, self.healed = {}, {}, 0

    def call(self, method, path, body=None, cookie=None, want=(200, 201, 204)):
        """Sends a request as ada unless cookie is another session's, or "" for nobody's."""
        if cookie is None:
            cookie = getattr(self, "ada", "")
        headers = {"Cookie": f"canteen={cookie}"} if cookie else {}
        r = self.http.request(method, self.url + path, json=body, headers=headers, timeout=30)
        self.http.cookies.clear()
        if want and r.status_code not in want:
            raise RuntimeError(f"the test data could not be created: {method} {path}: {r.status_code} {r.text}")
        return r

    def upload(self, path, body, cookie, **fields):
        """Sends a file as a form. Returns the answer."""
        headers = {"Cookie": f"canteen={cookie}"}
        files = {"file": ("a.png", body, "image/png")}
        r = self.http.post(self.url + path, files=files, data=fields, headers=headers, timeout=30)
        r.raise_for_status()
        return r.json()

    def sign_in(self, handle):
        r = self.call("POST", "/session", {"email": f"{handle}@example.com", "password": PASSWORD}, cookie="")  # a cookie's session would end
        return r.cookies["canteen"]

    def build(self, setup):
        r = self.call("POST", "/setup", {"token": setup, "workspace": "Example", "name": "Ada", "handle": "ada", "email": "ada@example.com", "password": PASSWORD})
        self.ada, self.users["ada"] = r.cookies["canteen"], r.json()["id"]
        self.rooms["general"] = self.call("GET", "/rooms").json()["rooms"][0]["id"]
        for handle, role in {"sam": self.role, **OTHERS}.items():
            made = self.call("POST", "/invites", {"role": role, "rooms": [self.rooms["general"]]}).json()
            body = {"invite": made["secret"], "name": handle.title(), "handle": handle, "email": f"{handle}@example.com", "password": PASSWORD}
            self.users[handle] = self.call("POST", "/signup", body, cookie="").json()["id"]
            self.roles[handle] = role
        self.sam = self.sign_in("sam")
        self.make_rooms()
        self.call("PATCH", f"/users/{self.users['dee']}", {"deactivated": True})
        self.make_lists()
        self.authenticate()
        return self

    def make_rooms(self):
        sam, ben = self.users["sam"], self.users["ben"]
        for name, kind in {"mine": "public", "ours": "private", "quiet": "public", "old": "public", "alien": "public", "secret": "private"}.items():
            self.rooms[name] = self.call("POST", "/rooms", {"kind": kind, "name": name, "topic": "About " + name}).json()["id"]
            if name not in ("alien", "secret"):
                self.member(name)
        self.rooms["pair"] = self.call("POST", "/rooms", {"kind": "direct", "members": [ben]}, cookie=self.sam, want=(200, 201)).json()["id"]
        self.rooms["book"] = self.call("POST", "/rooms", {"kind": "direct"}, cookie=self.sam, want=(200, 201)).json()["id"]
        for name, room in self.rooms.items():
            inside = name not in ("alien", "secret")
            for i in range(24):
                cookie = self.sam if inside and i % 3 or name in ("pair", "book") else self.ada
                body = {"client_id": str(uuid.uuid4()), "text": f"Message {i} @sam 🎉"}
                if i % 8 == 7:
                    body |= {"thread": i - 1, "also_in_room": i % 16 == 7}
                self.call("POST", f"/rooms/{room}/messages", body, cookie=cookie)
        self.call("PATCH", f"/rooms/{self.rooms['quiet']}", {"posting": "owners"})
        self.call("PATCH", f"/rooms/{self.rooms['old']}", {"archived": True})
        self.sam_id = sam

    def member(self, name):
        role = {"role": "owner" if name in ("mine", "ours") else "member"}
        self.call("PUT", f"/rooms/{self.rooms[name]}/members/{self.users['sam']}", role, want=None)

    def make_lists(self):
        often = ["mine"] * 4 + ["ours"] * 3 + ["general", "quiet", "pair", "book", "old", "alien", "secret"]
        live = [self.users[h] for h in ("ben", "kim", "zoe", "leo", "sam")]
        invite = lambda **more: self.call("POST", "/invites", {"role": "member", **more}).json()
        self.lists = {
            "rooms": [self.rooms[n] for n in often],
            "users": live * 3 + [self.users["ada"], self.users["dee"]],
            "people": live[:4],
            "seqs": list(range(1, 25)),
            "secrets": [invite(max_uses=5000)["secret"] for _ in range(2)],
            "emails": ["sam@example.com", "ben@example.com"],
            "passwords": [PASSWORD],
            "etags": [self.call("GET", p, cookie=self.sam).headers["ETag"] for p in ("/rooms", "/users")] + ["*", 'W/"x", "y"'],
            "emoji": EMOJI,
            "invites": [invite()["invite"]["id"] for _ in range(20)],
            "tokens": [self.token(self.sam)["token"]["id"] for _ in range(20)],
        }
        hook = lambda: self.call("POST", f"/rooms/{self.rooms['mine']}/hooks", {"name": "Grafana"}, cookie=self.sam).json()["hook"]["id"]
        self.lists |= {"mine": [self.rooms["mine"]], "hooks": [hook() for _ in range(20)]}
        self.make_bots()
        self.make_files()
        self.make_parts()
        for _ in range(20):
            self.sign_in("sam")
        self.lists["sessions"] = [s["id"] for s in self.call("GET", "/sessions", cookie=self.sam).json()["sessions"] if not s["current"]]

    def other_session(self):
        """The id of a session of sam's that is not the present one; None while sam cannot have one."""
        if self.actor != "browser" or self.call("GET", "/sessions", cookie=self.sam, want=None).status_code != 200:
            return None
        self.sign_in("sam")
        return next(s["id"] for s in self.call("GET", "/sessions", cookie=self.sam).json()["sessions"] if not s["current"])

    def make_bots(self):
        """Bots of sam's, and tokens of the first; guests have none."""
        if self.role == "guest":
            self.lists |= {"bots": [self.users["ben"]], "bot": [self.users["ben"]], "bot_tokens": [self.users["ben"]]}
            return
        make = lambda n: self.call("POST", "/bots", {"name": f"Bot {n}", "handle": f"bot-{n}"}, cookie=self.sam).json()["id"]
        bots = [make(n) for n in range(4)]
        token = lambda: self.call("POST", f"/bots/{bots[0]}/tokens", {"name": "ci"}, cookie=self.sam).json()["token"]["id"]
        self.lists |= {"bots": bots[1:], "bot": bots[:1], "bot_tokens": [token() for _ in range(20)]}

    def make_files(self):
        """Files of sam's, some of them not done yet, and a custom emoji."""
        done = [self.upload("/files", png(400), self.sam)["id"] for _ in range(30)]
        going = []
        for _ in range(15):
            file = {"name": "a.txt", "size": 5, "type": "text/plain"}
            going.append(self.call("POST", "/files", file, cookie=self.sam).json()["file"]["id"])
            url = f"{self.url}/files/{going[-1]}/parts/1"
            headers = {"Cookie": f"canteen={self.sam}", "Content-Type": "application/octet-stream"}
            self.http.put(url, data=b"hello", headers=headers, timeout=30).raise_for_status()
        picture = self.upload("/emoji", png(64), self.ada, name="grey")["picture"]
        self.lists |= {"files": done, "sizes": [360], "uploads": going, "pictures": [picture]}

    def make_parts(self):
        """Messages with polls and ones to be confirmed, in a room where sam may do all of that, and the room for feedback."""

        def post(cookie, **more):
            body = {"client_id": str(uuid.uuid4()), **more}
            return self.call("POST", f"/rooms/{self.rooms['general']}/messages", body, cookie=cookie).json()["seq"]

        poll = {"options": ["Ramen", "Salad"]}
        self.lists |= {
            "general": [self.rooms["general"]],
            "series": ["requests", "requests,latency_p99", "posts,reactions,disk_free"],
            "alarms": ["disk-low", "server-errors", "backup-old"],
            "polls": [post(self.sam, text="Lunch?", poll=poll) for _ in range(8)],
            "confirmed": [post(self.ada, text="Read this", confirm=True) for _ in range(8)],
        }
        self.call("PATCH", "/workspace", {"feedback_room": self.rooms["general"]})

    def token(self, cookie):
        scopes = ["read", "write"] + (["admin"] if self.role == "owner" else [])
        return self.call("POST", "/tokens", {"name": "cases", "scopes": scopes}, cookie=cookie).json()

    def authenticate(self):
        """Gives the actor new credentials."""
        self.call("PATCH", f"/users/{self.users['sam']}", {"deactivated": False, "role": self.role}, want=None)
        self.sam = self.sign_in("sam")
        for bot in self.lists["bot"]:
            self.call("PATCH", f"/bots/{bot}", {"deactivated": False}, cookie=self.sam, want=None)
        if self.actor == "browser":
            self.cookies = {"canteen": self.sam}
        else:
            tokens = self.call("GET", "/tokens", cookie=self.sam).json()["tokens"]
            for t in tokens[-15:]:
                self.call("DELETE", f"/tokens/{t['id']}", cookie=self.sam, want=None)
            self.headers = {"Authorization": "Bearer " + self.token(self.sam)["secret"]}

    def heal(self):
        """Repairs what cases have broken since the last call."""
        self.healed += len(self.dirty)
        for what, key in self.dirty:
            if what == "user":
                for handle, role in self.roles.items():
                    if self.users[handle] == key:
                        self.call("PATCH", f"/users/{key}", {"role": role, "deactivated": handle == "dee"}, want=None)
            elif key in self.rooms.values():
                name = next(n for n, i in self.rooms.items() if i == key)
                self.call("PATCH", f"/rooms/{key}", {"archived": False}, want=None)
                self.call("PATCH", f"/rooms/{key}", {"posting": "owners" if name == "quiet" else "everyone"}, want=None)
                if name not in ("alien", "secret"):
                    self.member(name)
                if name == "old":
                    self.call("PATCH", f"/rooms/{key}", {"archived": True}, want=None)
        self.dirty.clear()

    def renewed(self, response):
        """Takes the session's new secret from an answer."""
        for name, values in response.headers.items():
            found = name.lower() == "set-cookie" and re.search(r"canteen=([a-z2-7]+)", str(values))
            if found:
                self.sam = found[1]
                if self.actor == "browser":
                    self.cookies = {"canteen": self.sam}

    def password_changed(self, to):
        self.renewed(self.call("POST", "/me/password", {"current": to, "new": PASSWORD}, cookie=self.sam))

    def save(self, path):
        with open(path, "w", encoding="utf-8") as f:
            json.dump(self.__dict__ | {"http": None, "dirty": []}, f)

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as f:
            data = json.load(f)
        world = cls("", data["actor"])
        world.__dict__.update({k: v for k, v in data.items() if k not in ("http", "dirty")})
        return world
