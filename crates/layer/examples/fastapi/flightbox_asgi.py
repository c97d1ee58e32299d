"""ASGI middleware that records each request in Flightbox. A thread posts batches; nobody's request waits for it."""
import atexit, json, logging, queue, threading, time, urllib.request, uuid
from datetime import datetime, timezone

class Audit:
    def __init__(self, app, url, token, user_id=lambda scope: None):
        self.app, self.user_id, self.events = app, user_id, queue.Queue(10_000)
        self.url, self.headers = f"{url}/api/v1/events?partial=true", {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        atexit.register(lambda: (self.events.put(None), self.thread.join(10)))

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http": return await self.app(scope, receive, send)
        at, start, status, said = datetime.now(timezone.utc), time.perf_counter(), [500], scope.setdefault("audit", [])
        def answer(message):
            if message["type"] == "http.response.start": status[0] = message["status"]
            return send(message)
        try: await self.app(scope, receive, answer)
        finally:
            route, agent = getattr(scope.get("route"), "path", "*"), dict(scope["headers"]).get(b"user-agent", b"")
            who = {"user_id": self.user_id(scope) or "anonymous", "client_ip": (scope["client"] or ["unknown"])[0],
                   "user_agent": agent.decode("latin-1") or None, "created_at": at.isoformat()}
            own = {"action_type": f"{scope['method']} {route}", "target_resource": scope["path"], "method": scope["method"],
                   "path": scope["path"], "status_code": status[0], "response_time": time.perf_counter() - start}
            for event in (*said, own):
                try: self.events.put_nowait({"id": str(uuid.uuid4())} | who | event)
                except queue.Full: logging.error("no room for an audit event: %s", event["action_type"])

    def run(self):
        while (batch := [self.events.get()]) != [None]:
            time.sleep(0.1)
            while not self.events.empty() and len(batch) < 1000: batch.append(self.events.get())
            while not self.post([event for event in batch if event]): time.sleep(1)
            if None in batch: return

    def post(self, events):
        request = urllib.request.Request(self.url, json.dumps(events).encode(), self.headers)
        try: return not urllib.request.urlopen(request, timeout=10).close()
        except OSError as error: return logging.warning("events wait, for Flightbox does not take them: %s", error)
