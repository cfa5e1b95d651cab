"""What lies between a client and a server, and breaks."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

import httpx


class Proxy:
    """Passes requests on. `lose_answers`: of so many requests that change something the answer is lost after the server
    gave it. `away`: so many requests find nobody. Both count down. `page`: what is answered instead."""

    def __init__(self, target: str) -> None:
        self.lose_answers = 0
        self.away = 0
        self.page: tuple[int, str] | None = None
        self.seen: list[str] = []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                proxy.seen.append(f"{self.command} {self.path}")
                if proxy.away > 0:
                    proxy.away -= 1
                    return
                if proxy.page is not None:
                    self.answer(proxy.page[0], "text/html", proxy.page[1].encode())
                    return
                headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
                with httpx.Client(trust_env=False) as client:
                    answer = client.request(self.command, target + self.path, headers=headers, content=body)
                if self.command != "GET" and proxy.lose_answers > 0:
                    proxy.lose_answers -= 1
                    return
                self.answer(answer.status_code, answer.headers.get("content-type", ""), answer.content)

            do_GET = do_POST = do_PATCH = do_DELETE = handle_any

            def answer(self, status: int, content_type: str, content: bytes) -> None:
                self.send_response(status)
                self.send_header("content-type", content_type)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "Proxy":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
