"""A clerk without a browser: pages over plain HTTP, one form at a time, with a session's cookie."""
import html
import re
import urllib.error
import urllib.parse
import urllib.request


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Clerk:
    def __init__(self, origin, cookie):
        self.origin, self.cookie = origin, cookie
        self.opener = urllib.request.build_opener(NoRedirect)

    def ask(self, path, fields=None, accept="text/html"):
        """Status, body and, of a redirect, where it leads."""
        data = None if fields is None else urllib.parse.urlencode(fields).encode()
        request = urllib.request.Request(self.origin + path, data, {
            "Cookie": f"__Host-ecert={self.cookie}", "Accept": accept})
        try:
            with self.opener.open(request) as answer:
                return answer.status, answer.read().decode(), ""
        except urllib.error.HTTPError as answer:
            where = urllib.parse.urlparse(answer.headers.get("Location", ""))
            return answer.code, answer.read().decode(errors="replace"), where.path

    def page(self, path):
        status, body, _ = self.ask(path)
        if status != 200:
            raise SystemExit(f"bench: {path} answers {status}: {said(body)}")
        return body

    def submit(self, body, action, more=(), status=303):
        """Sends the page's POST form to `action` as it stands, with more fields; where it leads, or
        the body of a refusal."""
        form = next((f for f in re.findall(r"<form\b.*?</form>", body, re.S)
                     if f'action="{action}"' in f and 'method="post"' in f), None)
        if form is None:
            raise SystemExit(f"bench: no form to {action}: {said(body)}")
        got, answer, where = self.ask(action, hidden(form) + list(more))
        if got != status:
            raise SystemExit(f"bench: POST {action} answers {got}: {said(answer)}")
        return where if status == 303 else answer


def hidden(form):
    tags = re.findall(r"<input\b[^>]*>", form)
    pairs = [dict(re.findall(r'([\w-]+)="([^"]*)"', tag)) for tag in tags]
    return [(p["name"], html.unescape(p.get("value", ""))) for p in pairs if p.get("type") == "hidden"]


def said(body):
    """What a page says, without its tags, cut."""
    main = re.search(r"<main\b.*?</main>", body, re.S)
    return " ".join(re.sub(r"<[^>]*>", " ", main.group() if main else body).split())[:400]
