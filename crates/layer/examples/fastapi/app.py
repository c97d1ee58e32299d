"""A service with users, log-in, permissions and what an admin does, in the shape that Flightbox takes as it is:
user_id, action_type, target_resource, created_at, client_ip, method, path, status_code, response_time, user_agent.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt
    export FLIGHTBOX_URL=http://127.0.0.1:8080 FLIGHTBOX_TOKEN=$(flightbox source add staff)
    venv/bin/uvicorn app:app
"""
import os, secrets
from typing import Annotated, Literal

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from pydantic import BaseModel

from flightbox_asgi import Audit

# Drawn at each start and printed: a real service has hashes.
USERS = {id: {"name": name, "role": role, "password": secrets.token_urlsafe(12)}
         for id, name, role in [(1042, "alice", "admin"), (1043, "bob", "editor")]}
SESSIONS: dict[str, int] = {}


def user_id(scope):
    given = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
    return SESSIONS.get(given.removeprefix("Bearer "))


app = FastAPI()
app.add_middleware(Audit, url=os.environ["FLIGHTBOX_URL"], token=os.environ["FLIGHTBOX_TOKEN"], user_id=user_id)
for user in USERS.values():
    print("user", user["name"], user["password"], flush=True)


class Credentials(BaseModel):
    name: str
    password: str


class Wish(BaseModel):
    role: Literal["viewer", "editor", "admin"]


def signed_in(request: Request, authorization: Annotated[str, Header()] = ""):
    if (id := user_id(request.scope)) is None:
        raise HTTPException(401)
    return id


@app.post("/login")
def log_in(given: Credentials, request: Request):
    found = [id for id, user in USERS.items() if user["name"] == given.name]
    if not found or not secrets.compare_digest(USERS[found[0]]["password"].encode(), given.password.encode()):
        reason = "the password is wrong" if found else "nobody has that name"
        request.scope["audit"].append({"user_id": given.name, "action_type": "login", "outcome": "failure", "reason": reason})
        raise HTTPException(401)
    session = secrets.token_urlsafe()
    SESSIONS[session] = found[0]
    request.scope["audit"].append({"user_id": found[0], "action_type": "login"})
    return {"session": session}


@app.patch("/users/{id}")
def change_role(id: int, wish: Wish, request: Request, me: Annotated[int, Depends(signed_in)]):
    event = {"action_type": "user.update", "target_resource": f"/users/{id}"}
    if USERS[me]["role"] != "admin":
        request.scope["audit"].append(event | {"outcome": "denied", "reason": "takes the role admin"})
        raise HTTPException(403)
    if id not in USERS:
        raise HTTPException(404)
    change = {"role": {"before": USERS[id]["role"], "after": wish.role}}
    USERS[id]["role"] = wish.role
    request.scope["audit"].append(event | {"changes": change})
    return {"id": id, "role": wish.role}
